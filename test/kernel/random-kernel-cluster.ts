import { type PolicyKinds, randomCluster } from "../generators/cluster.ts";
import { isAllowed } from "../reference/evaluate.ts";
import type { RawCluster } from "../reference/raw.ts";
import type { Probe } from "./measure.ts";

/** Hosts outside of the random clusters. */
export const EXTERNALS: readonly string[] = ["192.168.5.10", "2001:db8::7"];

/** A random cluster that a lab can be: every pod on a node, as what a node may do to its own pods depends on it. */
export function randomKernelCluster(seed: number, policyKinds: PolicyKinds): RawCluster {
  const raw = randomCluster(seed, { maxPods: 5, unaddressed: false, policyKinds });
  for (const pod of raw.pods) pod.spec.nodeName ??= raw.nodes[0]!.metadata.name;
  return raw;
}

/** What the reference evaluator says of a probe's packet. */
export function referenceVerdict(raw: RawCluster, probe: Probe): "allow" | "deny" {
  const end = (name: string): { pod: string } | { address: string } =>
    name.includes("/") ? { pod: name } : { address: name };
  const verdict = isAllowed(raw, end(probe.from), end(probe.to), {
    family: probe.address.includes(":") ? 6 : 4,
    ...(probe.protocol === "ICMP"
      ? { protocol: "other" as const }
      : { protocol: probe.protocol, port: probe.port! }),
  });
  return verdict ? "allow" : "deny";
}
