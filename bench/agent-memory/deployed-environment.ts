import { manifestObjects, objectOf } from "../../test/deploy/manifests.ts";

/**
 * What deploy/manifests/podwall.yaml sets for the agent's process, apart from what tells it where it is, and what its
 * limit of memory does: Node takes half of a container's limit for its heap.
 */
export function deployedEnvironment(): Record<string, string> {
  const { spec } = objectOf(manifestObjects(), "DaemonSet", "podwall");
  const { env, resources } = (spec as DaemonSetSpec).template.spec.containers[0]!;
  const environment: Record<string, string> = {};
  for (const { name, value } of env) if (value !== undefined) environment[name] = value;
  const limit = /^(\d+)Mi$/.exec(resources.limits.memory)?.[1];
  if (limit === undefined)
    throw new Error(`a limit of memory in MiB was expected, not ${resources.limits.memory}`);
  const heap = `--max-old-space-size=${Math.floor(Number(limit) / 2)}`;
  return { ...environment, NODE_OPTIONS: `${environment.NODE_OPTIONS ?? ""} ${heap}`.trim() };
}

interface DaemonSetSpec {
  readonly template: {
    readonly spec: {
      readonly containers: readonly {
        readonly env: readonly { readonly name: string; readonly value?: string }[];
        readonly resources: { readonly limits: { readonly memory: string } };
      }[];
    };
  };
}
