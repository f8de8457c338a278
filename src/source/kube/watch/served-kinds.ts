import { isMapping } from "../../../k8s/check.ts";
import type { KubeClient } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import { apiVersionOf, type KubeResource } from "../resource.ts";

/** Tells which kinds are installed. */
export interface ServedKinds {
  /** Throws a {@link KubeError} if it cannot be told. */
  isServed(resource: KubeResource): Promise<boolean>;
}

/**
 * Asks the discovery of one version of one group: some hundred bytes, and a right that everybody has who is somebody
 * (`system:discovery`). A watch of CustomResourceDefinitions would tell at once, but it is one more right for the whole
 * cluster, and each of those objects is a hundred kilobytes, on every node. Answers are shared for `age` milliseconds.
 */
export function servedKinds(client: KubeClient, age: number, signal: AbortSignal): ServedKinds {
  const answers = new Map<string, { readonly at: number; readonly plurals: Promise<ReadonlySet<string>> }>();
  return {
    async isServed(resource) {
      const version = apiVersionOf(resource);
      let answer = answers.get(version);
      if (answer === undefined || performance.now() - answer.at > age) {
        answer = { at: performance.now(), plurals: pluralsOf(client, version, signal) };
        answers.set(version, answer);
        answer.plurals.catch(() => answers.delete(version));
      }
      return (await answer.plurals).has(resource.plural);
    },
  };
}

async function pluralsOf(
  client: KubeClient,
  version: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  let answer: unknown;
  try {
    answer = await client.get(`/apis/${version}`, {}, signal);
  } catch (error) {
    if (error instanceof KubeError && error.code === "not-found") return new Set();
    throw error;
  }
  const resources = isMapping(answer) && Array.isArray(answer.resources) ? answer.resources : [];
  return new Set(resources.flatMap((each: unknown) => (isMapping(each) ? [String(each.name)] : [])));
}
