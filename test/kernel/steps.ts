import { runKernelScript } from "./run-kernel-script.ts";

/** One step of a lab's life. */
export type Step =
  /** Manifests: the first opens the lab, later ones bring it to another state. */
  | { readonly state: string }
  /** Loads the rules anew without those that this pattern matches; answers how many were left out. */
  | { readonly leaveOut: string }
  /** `FROM -> TO PROTOCOL [PORT]`; ends are pods, `node:NAME` and external addresses. Answers with a Passage each. */
  | { readonly probes: readonly string[] };

/** What became of a probe, in the families that both ends have. */
export type Passage = "passed" | "stopped" | "differs by family";

export interface StepsInput {
  readonly externals: readonly string[];
  readonly steps: readonly Step[];
}

/** Takes a lab through the steps, and gives the answer to each: null for a state. */
export function runSteps(input: StepsInput): Promise<unknown[]> {
  return runKernelScript<unknown[]>("./steps-script.ts", [JSON.stringify(input)]);
}

/** The passages of a probes step as two lists, so that an expectation reads as one. */
export function passedAndStopped(answer: unknown): { passed: string[]; stopped: string[] } {
  const entries = Object.entries(answer as Record<string, Passage>);
  const differing = entries.find(([, passage]) => passage === "differs by family");
  if (differing !== undefined) throw new Error(`${differing[0]} differs by family`);
  const those = (wanted: Passage): string[] =>
    entries.filter(([, passage]) => passage === wanted).map(([text]) => text);
  return { passed: those("passed"), stopped: those("stopped") };
}

/** A pod of the namespace `shop` with a role, on a node, listening where CNP tests send. */
export function podManifest(name: string, role: string, node: string, ports: readonly string[]): string {
  const list = ports.map((port) => {
    const [protocol, number] = port.split("/");
    return `{containerPort: ${number}, protocol: ${protocol}}`;
  });
  return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {role: ${role}}}
spec: {nodeName: ${node}, containers: [{name: main, image: example.com/app, ports: [${list.join(", ")}]}]}
`;
}

/** A ClusterNetworkPolicy about the pods of a role. */
export function clusterPolicyManifest(
  name: string,
  tier: "Admin" | "Baseline",
  role: string,
  rules: string,
): string {
  return `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: ${name}}
spec:
  tier: ${tier}
  priority: 10
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {role: ${role}}}}}
  ${rules.trim().replaceAll("\n", "\n  ")}
`;
}
