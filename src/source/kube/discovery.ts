import { isMapping } from "../../k8s/check.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import type { KubeResource } from "./resource.ts";

/** Aggregated discovery, all groups in one answer: since Kubernetes 1.27, and in its final form since 1.30. */
const AGGREGATED = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat("application/json")
  .join(",");

/**
 * Everything that the server serves in API groups, in every version, and that can be listed. Undefined if this user
 * may not ask. Throws a {@link KubeError} for anything else.
 *
 * A server says "forbidden" before it says "not found": only this tells whether what may not be read is there.
 */
export async function servedResources(
  client: KubeClient,
  signal?: AbortSignal,
): Promise<readonly KubeResource[] | undefined> {
  try {
    const answer = await client.get("/apis", {}, signal, AGGREGATED);
    if (isMapping(answer) && answer.kind === "APIGroupDiscoveryList") return fromAggregated(answer);
    const resources: KubeResource[] = [];
    for (const [group, version] of groupVersions(answer)) {
      resources.push(...(await resourcesOf(client, group, version, signal)));
    }
    return resources;
  } catch (error) {
    if (error instanceof KubeError && error.code === "forbidden") return undefined;
    throw error;
  }
}

function fromAggregated(answer: Readonly<Record<string, unknown>>): KubeResource[] {
  return mappings(answer.items).flatMap((item) => {
    const group = isMapping(item.metadata) ? item.metadata.name : undefined;
    return mappings(item.versions).flatMap(({ version, resources }) =>
      mappings(resources).flatMap((each) =>
        resourceFrom(group, version, {
          plural: each.resource,
          kind: isMapping(each.responseKind) ? each.responseKind.kind : undefined,
          isNamespaced: each.scope === "Namespaced",
          verbs: each.verbs,
        }),
      ),
    );
  });
}

/** Groups and versions of an APIGroupList. */
function groupVersions(answer: unknown): [string, string][] {
  return mappings(isMapping(answer) ? answer.groups : undefined).flatMap(({ name, versions }) =>
    mappings(versions).flatMap(({ version }): [string, string][] =>
      typeof name === "string" && typeof version === "string" ? [[name, version]] : [],
    ),
  );
}

async function resourcesOf(
  client: KubeClient,
  group: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<KubeResource[]> {
  let list: unknown;
  try {
    list = await client.get(`/apis/${group}/${version}`, {}, signal);
  } catch (error) {
    // The server behind a group may be down, and says 503, or just have gone.
    if (error instanceof KubeError && (error.code === "server" || error.code === "not-found")) return [];
    throw error;
  }
  return mappings(isMapping(list) ? list.resources : undefined).flatMap((each) =>
    resourceFrom(group, version, {
      plural: each.name,
      kind: each.kind,
      isNamespaced: each.namespaced === true,
      verbs: each.verbs,
    }),
  );
}

interface Described {
  readonly plural: unknown;
  readonly kind: unknown;
  readonly isNamespaced: boolean;
  readonly verbs: unknown;
}

/** One resource, or none if it is a part of another (`pods/log`) or cannot be listed. */
function resourceFrom(
  group: unknown,
  version: unknown,
  { plural, kind, isNamespaced, verbs }: Described,
): KubeResource[] {
  if (typeof group !== "string" || typeof version !== "string") return [];
  if (typeof plural !== "string" || typeof kind !== "string" || plural.includes("/")) return [];
  if (!Array.isArray(verbs) || !verbs.includes("list")) return [];
  return [{ group, version, plural, kind, namespaced: isNamespaced }];
}

function mappings(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
