import { namespace, networkPolicy } from "../../apiserver/cluster-objects.ts";
import type { ApiObject } from "../../apiserver/objects.ts";
import type { AgentCluster } from "../harness/agent-cluster.ts";
import type { GuardedPairs, Pair } from "../harness/guard.ts";
import { role } from "../objects.ts";

export const GUARDED_NAMESPACE = "guarded";

/** What is guarded, with the node that stands between the two: if its table goes, packets pass. */
const NEVER: readonly (readonly [from: string, to: string, keptBy: string])[] = [
  ["guarded/stranger", "guarded/server", "one"],
  ["guarded/far-stranger", "guarded/server", "one"],
  // The server would let it in: it may not go out.
  ["guarded/caged", "guarded/server", "two"],
  ["guarded/banned", "guarded/far-server", "two"],
];

export const GUARDED: GuardedPairs = {
  never: NEVER.map(([from, to]) => [from, to]),
  always: [
    ["guarded/friend", "guarded/server"],
    ["guarded/far-friend", "guarded/server"],
    ["guarded/guest", "guarded/far-server"],
  ],
};

/** True if nothing but a node keeps a pair apart. */
export function isKeptBy(node: string, [from, to]: Pair): boolean {
  return NEVER.some(([source, target, keptBy]) => source === from && target === to && keptBy === node);
}

/** A policy of the guarded namespace that may be given more rules, so long as these ones stay. */
export interface GuardingPolicy {
  readonly object: ApiObject;
  /** Which list of rules may grow. */
  readonly grows: "ingress" | "egress";
  /** Those that must stay, and come first. */
  readonly rules: readonly object[];
}

const GUARDED_PODS = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": GUARDED_NAMESPACE } },
};
const guardedPods = (name: string): object => ({ pods: { ...GUARDED_PODS, podSelector: role(name) } });

function guarding(
  name: string,
  subject: string,
  grows: GuardingPolicy["grows"],
  rules: readonly object[],
): GuardingPolicy {
  const spec = {
    podSelector: role(subject),
    policyTypes: [grows === "ingress" ? "Ingress" : "Egress"],
    [grows]: rules,
  };
  return { object: networkPolicy(GUARDED_NAMESPACE, name, spec), grows, rules };
}

export const GUARDING: readonly GuardingPolicy[] = [
  guarding("to-server", "server", "ingress", [
    { from: [{ podSelector: role("friend") }, { podSelector: role("caged") }] },
  ]),
  guarding("from-friend", "friend", "egress", [{ to: [{ podSelector: role("server") }] }]),
  guarding("from-caged", "caged", "egress", []),
];

/** One closes the far server but for what the other says, which goes before all that the churn says. */
const FIXED: readonly ApiObject[] = [
  networkPolicy(GUARDED_NAMESPACE, "to-far-server", { podSelector: role("far-server"), ingress: [] }),
  {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name: "guarded" },
    spec: {
      tier: "Admin",
      priority: 1,
      subject: guardedPods("far-server"),
      ingress: [
        { name: "guests", action: "Accept", from: [guardedPods("guest")] },
        { name: "banned", action: "Deny", from: [guardedPods("banned")] },
      ],
    },
  },
];

/** Creates the guarded pods and what guards them. Its agents are still to be started. */
export async function setStage(cluster: AgentCluster): Promise<void> {
  await cluster.server.define("clusternetworkpolicies");
  await acceptAnything(cluster);
  await cluster.create(namespace(GUARDED_NAMESPACE), ...GUARDING.map(({ object }) => object), ...FIXED);
  const pods: readonly (readonly [name: string, role: string, node: string])[] = [
    ["server", "server", "one"],
    ["friend", "friend", "one"],
    ["stranger", "stranger", "one"],
    ["guest", "guest", "one"],
    ["banned", "banned", "one"],
    ["far-server", "far-server", "two"],
    ["far-friend", "friend", "two"],
    ["far-stranger", "stranger", "two"],
    ["caged", "caged", "two"],
  ];
  for (const [name, label, node] of pods) {
    await cluster.kubelet.create(`${GUARDED_NAMESPACE}/${name}`, { node, labels: { role: label } });
  }
}

/** Lets through what this release cannot understand, as the definition of a newer one would. */
async function acceptAnything({ api }: AgentCluster): Promise<void> {
  const path =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clusternetworkpolicies.policy.networking.k8s.io";
  const definition = (await api.must("GET", path)) as { spec: { versions: { schema: object }[] } };
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  for (const version of definition.spec.versions) version.schema = { openAPIV3Schema };
  await api.must("PUT", path, definition);
}
