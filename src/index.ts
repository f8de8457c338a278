// The front door: what `import ... from "podwall"` gives. Everything else is inside.
export { type BuildOptions, type BuiltCluster, buildCluster } from "./cluster/build.ts";
export type { Cluster, ClusterPod, ClusterWorkload } from "./cluster/cluster.ts";
export type { End } from "./engine/end.ts";
export { createEngine, type Engine } from "./engine/engine.ts";
export { type Explanation, explain } from "./engine/explain.ts";
export { type Connection, type Reachability, type ReachPeer, reachability } from "./engine/reachability.ts";
export type { Finding } from "./k8s/finding.ts";
export { type ManifestSource, type ParsedManifests, parseManifests } from "./k8s/manifests.ts";
export { type Address, type Family, formatAddress, parseAddress } from "./net/address.ts";
export { type PortSet, portSetHas, portSetTokens, type Traffic } from "./net/port-set.ts";
