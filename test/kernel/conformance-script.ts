// Runs inside the sandbox: the pokes of the conformance suite as packets, state by state in one lab, and all of them
// once more in the suite's base state, which has no policies.
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { type Probe, type ProbeResult, probe } from "../../src/lab/probe.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import type { LabPort } from "../../src/lab/topology.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { type ConformanceCase, conformanceCases } from "../conformance/conformance.ts";
import type { RawCluster } from "../reference/raw.ts";

/** What the script writes, as JSON: what became of each poke, in the order of the suite. */
export interface ConformanceRun {
  readonly withPolicies: readonly ProbeResult[];
  readonly withoutPolicies: readonly ProbeResult[];
}

/** In milliseconds, and for those that should have been answered: a busy machine can be late. */
const FIRST_TIMEOUT = 400;
const SECOND_TIMEOUT = 3000;

const cases = conformanceCases();

/** The suite's servers listen on ports that its pods do not declare, host-network pods in their node's namespace. */
function listen(lab: Lab): void {
  const places = new Map<string, { pod: string; ports: LabPort[] }>();
  for (const { toPod, address, protocol, port } of cases) {
    const place = places.get(address) ?? { pod: toPod, ports: [] };
    places.set(address, { ...place, ports: [...place.ports, { protocol, port }] });
  }
  for (const { pod, ports } of places.values()) {
    const { namespace, addresses } = lab.network.endpoint(pod)!;
    lab.network.servers.serve(namespace, addresses, ports);
  }
}

async function enter(lab: Lab, state: RawCluster): Promise<void> {
  await lab.update(engineOf(state));
  for (const [node, differences] of await lab.verify()) {
    if (differences.length > 0) throw new Error(`node ${node}: ${JSON.stringify(differences)}`);
  }
  listen(lab);
}

async function poke(lab: Lab, pokes: readonly ConformanceCase[]): Promise<ProbeResult[]> {
  const probes = pokes.map(
    ({ fromPod, address, protocol, port }): Probe => ({
      from: fromPod,
      to: { address },
      protocol,
      port,
      family: 4,
    }),
  );
  const results = await probe(lab.network, probes, { timeoutMs: FIRST_TIMEOUT });
  const late = pokes.flatMap(({ expected }, i) =>
    expected === "allow" && results[i]!.outcome === "no-answer" ? [i] : [],
  );
  const again = await probe(
    lab.network,
    late.map((i) => probes[i]!),
    { timeoutMs: SECOND_TIMEOUT },
  );
  for (const [position, i] of late.entries()) results[i] = again[position]!;
  return results;
}

await runInSandbox(async () => {
  const base: RawCluster = { ...cases[0]!.cluster, networkPolicies: [], clusterNetworkPolicies: [] };
  const lab = await openLab(engineOf(base), []);
  const withPolicies: ProbeResult[] = [];
  for (let first = 0; first < cases.length; ) {
    const { cluster } = cases[first]!;
    let end = first;
    while (cases[end]?.cluster === cluster) end++;
    await enter(lab, cluster);
    withPolicies.push(...(await poke(lab, cases.slice(first, end))));
    first = end;
  }
  await enter(lab, base);
  const open = cases.map((each): ConformanceCase => ({ ...each, expected: "allow" }));
  const run: ConformanceRun = { withPolicies, withoutPolicies: await poke(lab, open) };
  process.stdout.write(JSON.stringify(run));
  await lab.close();
  return 0;
});
