import { isMapping } from "../../../k8s/check.ts";
import type { KubeClient } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import type { KubeResource } from "../resource.ts";

/** Whether a kind is installed; `otherVersions`: only in those, which are not known here. */
export type Presence = "served" | "absent" | { readonly otherVersions: readonly string[] };

/** Tells which kinds are installed. */
export interface ServedKinds {
  /** Throws a {@link KubeError} if it cannot be told. */
  presence(resource: KubeResource): Promise<Presence>;
}

/** The resources of a group, by version. */
type Group = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Asks the discovery of the resource's group: some hundred bytes where nothing of it is installed, and a right that
 * everybody has who is somebody (`system:discovery`). A watch of CustomResourceDefinitions would tell at once, but it is one
 * more right for the whole cluster, and each of those objects is a hundred kilobytes, on every node. Answers are shared
 * for `age` milliseconds.
 */
export function servedKinds(client: KubeClient, age: number, signal: AbortSignal): ServedKinds {
  const groups = new Map<string, { readonly at: number; readonly group: Promise<Group> }>();

  const groupOf = (name: string): Promise<Group> => {
    const known = groups.get(name);
    if (known !== undefined && performance.now() - known.at < age) return known.group;
    const group = readGroup(client, name, signal);
    groups.set(name, { at: performance.now(), group });
    // Whoever asked is told; the next one asks again.
    group.catch(() => groups.delete(name));
    return group;
  };
  return {
    async presence({ group, version, plural }) {
      const versions = await groupOf(group);
      if (versions.get(version)?.has(plural) === true) return "served";
      const otherVersions = [...versions].filter(([, plurals]) => plurals.has(plural)).map(([each]) => each);
      return otherVersions.length === 0 ? "absent" : { otherVersions };
    },
  };
}

async function readGroup(client: KubeClient, name: string, signal: AbortSignal): Promise<Group> {
  const group = new Map<string, ReadonlySet<string>>();
  const answer = await getIfThere(client, `/apis/${name}`, signal);
  for (const version of textsOf(answer, "versions", "version")) {
    const resources = await getIfThere(client, `/apis/${name}/${version}`, signal);
    group.set(version, new Set(textsOf(resources, "resources", "name")));
  }
  return group;
}

async function getIfThere(client: KubeClient, path: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await client.get(path, {}, signal);
  } catch (error) {
    if (error instanceof KubeError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** A text of each item of a list in an answer. */
function textsOf(answer: unknown, list: string, field: string): string[] {
  const items = isMapping(answer) ? answer[list] : undefined;
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => (isMapping(item) ? [String(item[field])] : []));
}
