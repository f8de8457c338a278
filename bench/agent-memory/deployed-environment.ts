import { manifestObjects, objectOf } from "../../test/deploy/manifests.ts";

/** What deploy/manifests/podwall.yaml sets for the agent's process, apart from what tells it where it is. */
export function deployedEnvironment(): Record<string, string> {
  const { spec } = objectOf(manifestObjects(), "DaemonSet", "podwall");
  const { containers } = (spec as DaemonSetSpec).template.spec;
  const environment: Record<string, string> = {};
  for (const { name, value } of containers[0]!.env) if (value !== undefined) environment[name] = value;
  return environment;
}

interface DaemonSetSpec {
  readonly template: {
    readonly spec: {
      readonly containers: readonly {
        readonly env: readonly { readonly name: string; readonly value?: string }[];
      }[];
    };
  };
}
