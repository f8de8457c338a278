import { isMapping } from "../../k8s/check.ts";
import { intern } from "../../k8s/intern.ts";
import { type ParsedObject, parseObject } from "../../k8s/object.ts";
import { MODE_ANNOTATION } from "../../k8s/policy-metadata.ts";
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
      ...modeOf(metadata.annotations),
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

/** The one annotation that is read, if it is there. Only readers of policies look at it. */
function modeOf(annotations: unknown): { readonly annotations?: Readonly<Record<string, unknown>> } {
  const mode = isMapping(annotations) ? annotations[MODE_ANNOTATION] : undefined;
  return mode === undefined ? {} : { annotations: { [MODE_ANNOTATION]: mode } };
}
