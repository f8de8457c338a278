import { isMapping } from "../../k8s/check.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";

/**
 * The versions of an API group that are served, each with the plural names of its resources. An empty map if the
 * group is not installed; undefined if this user may not ask. Throws a {@link KubeError} for anything else.
 *
 * A server says "forbidden" before it says "not found": only this tells whether what may not be read is there.
 */
export async function servedResources(
  client: KubeClient,
  group: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined> {
  try {
    const versions = namesIn(await client.get(`/apis/${group}`, {}, signal), "versions", "version");
    const served = new Map<string, ReadonlySet<string>>();
    for (const version of versions) {
      const list = await client.get(`/apis/${group}/${version}`, {}, signal);
      served.set(version, new Set(namesIn(list, "resources", "name")));
    }
    return served;
  } catch (error) {
    if (error instanceof KubeError && error.code === "not-found") return new Map();
    if (error instanceof KubeError && error.code === "forbidden") return undefined;
    throw error;
  }
}

function namesIn(value: unknown, list: string, field: string): string[] {
  const items = isMapping(value) ? value[list] : undefined;
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) =>
    isMapping(item) && typeof item[field] === "string" ? [item[field]] : [],
  );
}
