import { networkPolicy } from "../../test/apiserver/cluster-objects.ts";
import { type ApiObject, listPath } from "../../test/apiserver/objects.ts";
import type { Requests } from "../../test/apiserver/requests.ts";
import type { LatencyChange } from "./latency-result.ts";

const NAMESPACE = "latency";

/** The pods whose packets are watched, and their labels. */
export const SERVER = { id: `${NAMESPACE}/server`, labels: { role: "server" } };
export const CLIENT = { id: `${NAMESPACE}/client`, labels: { role: "friend" } };

const role = (name: string) => ({ podSelector: { matchLabels: { role: name } } });

const isolating = networkPolicy(NAMESPACE, "isolate", { ...role("server"), policyTypes: ["Ingress"] });

const allowing = networkPolicy(NAMESPACE, "to-server", {
  ...role("server"),
  ingress: [{ from: [role("friend")] }],
});

/** Policies with which packets pass from the client to the server. */
export const STANDING_POLICIES: readonly ApiObject[] = [isolating, allowing];

const denying = networkPolicy(NAMESPACE, "client-alone", { ...role("friend"), policyTypes: ["Egress"] });

const denyingAbove: ApiObject = {
  apiVersion: "policy.networking.k8s.io/v1alpha2",
  kind: "ClusterNetworkPolicy",
  metadata: { name: "above" },
  spec: {
    tier: "Admin",
    priority: 10,
    subject: { pods: { namespaceSelector: {}, ...role("server") } },
    ingress: [{ name: "none", action: "Deny", from: [{ namespaces: {} }] }],
  },
};

/** One write to the API. */
export interface LatencyWrite {
  readonly change: LatencyChange;
  /** What becomes of the packets. */
  readonly passes: boolean;
  readonly write: (api: Requests) => Promise<unknown>;
}

/**
 * All kinds of change, in an order in which each takes the one before it back: packets stop and pass in turn, and pass
 * before the first and after the last.
 */
export const LATENCY_WRITES: readonly LatencyWrite[] = [
  { change: "policyNarrowed", passes: false, write: patchSource("nobody") },
  { change: "policyWidened", passes: true, write: patchSource("friend") },
  { change: "allowDeleted", passes: false, write: remove(allowing) },
  { change: "allowCreated", passes: true, write: create(allowing) },
  { change: "denyCreated", passes: false, write: create(denying) },
  { change: "denyDeleted", passes: true, write: remove(denying) },
  { change: "labelLost", passes: false, write: patchLabel("stranger") },
  { change: "labelGained", passes: true, write: patchLabel("friend") },
  { change: "clusterPolicyCreated", passes: false, write: create(denyingAbove) },
  { change: "clusterPolicyDeleted", passes: true, write: remove(denyingAbove) },
];

function create(object: ApiObject): LatencyWrite["write"] {
  return (api) => api.must("POST", listPath(object), object);
}

function remove(object: ApiObject): LatencyWrite["write"] {
  return (api) => api.must("DELETE", `${listPath(object)}/${object.metadata.name}`);
}

function patchSource(name: string): LatencyWrite["write"] {
  const path = `${listPath(allowing)}/${allowing.metadata.name}`;
  return (api) => api.must("PATCH", path, { spec: { ingress: [{ from: [role(name)] }] } });
}

function patchLabel(name: string): LatencyWrite["write"] {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/client`;
  return (api) => api.must("PATCH", path, { metadata: { labels: { role: name } } });
}
