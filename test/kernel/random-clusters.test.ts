// Random small clusters: the kernel against the engine and the reference evaluator, packet by packet.
import { expect, it } from "vitest";
import { ENGINE_POLICY_KINDS } from "../agreement/from-raw.ts";
import { randomCluster } from "../generators/cluster.ts";
import { clusterYaml } from "../generators/cluster-yaml.ts";
import { isAllowed } from "../reference/evaluate.ts";
import type { RawCluster } from "../reference/raw.ts";
import { describeKernel } from "./kernel-support.ts";
import { differing, measure, type Probe } from "./measure.ts";

/** More with PODWALL_KERNEL_CLUSTERS; others with PODWALL_SEED. */
const CLUSTERS = Number(process.env.PODWALL_KERNEL_CLUSTERS ?? 32);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const EXTERNALS = ["192.168.5.10", "2001:db8::7"];

describeKernel("the kernel agrees with the engine and the reference evaluator", () => {
  const seeds = Array.from({ length: CLUSTERS }, (_, i) => FIRST_SEED + i);
  let denied = 0;
  let allowed = 0;

  it.each(seeds)("on random cluster %i", async (seed) => {
    const raw = scheduled(
      randomCluster(seed, { maxPods: 5, unaddressed: false, policyKinds: ENGINE_POLICY_KINDS }),
    );
    const probes = await measure(["-"], EXTERNALS, clusterYaml(raw));
    const wrong = probes.filter((probe) => probe.measured !== referenceVerdict(raw, probe));
    if (wrong.length > 0 || differing(probes).length > 0) {
      expect.fail(`${JSON.stringify([...wrong, ...differing(probes)], undefined, 1)}\n${clusterYaml(raw)}`);
    }
    denied += probes.filter((probe) => probe.measured === "deny").length;
    allowed += probes.length - probes.filter((probe) => probe.measured === "deny").length;
  });

  it("with both verdicts among the probes", () => {
    expect(denied).toBeGreaterThan(CLUSTERS);
    expect(allowed).toBeGreaterThan(CLUSTERS);
  });
});

/** Every pod on a node, as the lab has it: what a node may do to its own pods depends on it. */
function scheduled(raw: RawCluster): RawCluster {
  for (const pod of raw.pods) pod.spec.nodeName ??= raw.nodes[0]!.metadata.name;
  return raw;
}

function referenceVerdict(raw: RawCluster, probe: Probe): "allow" | "deny" {
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
