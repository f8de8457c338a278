import { isMapping } from "../../k8s/check.ts";
import { intern } from "../../k8s/intern.ts";
import { type ParsedObject, parseObject } from "../../k8s/object.ts";
import { IGNORE_ANNOTATION, MODE_ANNOTATION } from "../../k8s/policy-metadata.ts";
import { trimLists } from "../../k8s/trimmed-lists.ts";
import { LiveOrigin } from "./live-origin.ts";
import { apiVersionOf, type KubeResource } from "./resource.ts";

/** The parts of meta/v1 ObjectMeta that are read of every object. */
const METADATA = ["name", "namespace", "labels", "ownerReferences"] as const;

/**
 * Parses an item of a list as a manifest is parsed. Items of a list lack `apiVersion` and `kind`. Of the metadata only
 * what is read is looked at: a server newer than this program may have fields there that are no typing errors.
 */
export function parseLive(
  item: Readonly<Record<string, unknown>>,
  resource: KubeResource,
  context: string,
): ParsedObject {
  const metadata = isMapping(item.metadata) ? item.metadata : {};
  const value = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...Object.fromEntries(
        METADATA.filter((field) => metadata[field] !== undefined).map((field) => [field, metadata[field]]),
      ),
      ...ownAnnotations(metadata.annotations),
    },
    ...(item.spec === undefined ? {} : { spec: item.spec }),
    ...(item.status === undefined ? {} : { status: item.status }),
  };
  const { namespace, name } = metadata;
  const origin = new LiveOrigin(
    intern(`${context}:${resource.plural}`),
    typeof namespace === "string" ? intern(namespace) : undefined,
    String(name),
  );
  const parsed = parseObject(value, origin);
  // The object has a copy of its name that keeps nothing else in memory.
  for (const object of parsed.objects) {
    origin.shareName(object.name);
    if ("broken" in object) trimLists(object.spec);
  }
  return parsed;
}

const ANNOTATIONS: readonly string[] = [MODE_ANNOTATION, IGNORE_ANNOTATION];

/** The annotations that are read, as far as they are there. Only readers of policies look at them. */
function ownAnnotations(annotations: unknown): { readonly annotations?: Readonly<Record<string, unknown>> } {
  if (!isMapping(annotations)) return {};
  const own = ANNOTATIONS.filter((name) => annotations[name] !== undefined);
  if (own.length === 0) return {};
  return { annotations: Object.fromEntries(own.map((name) => [name, annotations[name]])) };
}
