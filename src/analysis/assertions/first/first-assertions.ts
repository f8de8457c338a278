import type { Engine } from "../../../engine/engine.ts";
import { ALL_PORTS } from "../../../net/port-set.ts";
import type { ClusterEnds } from "../cluster-ends.ts";
import { listOf, portsInWords, titleOf } from "./case-titles.ts";
import { casesToOutside } from "./cases-to-outside.ts";
import type { FirstCase, FirstEnd } from "./first-case.ts";
import { type FirstEnds, firstEnds } from "./first-ends.ts";
import { firstPeers, verdictOf, type WorkloadPeer } from "./first-peers.ts";
import { type Groups, verdictGroups } from "./verdict-groups.ts";

/** Cases that hold now. */
export interface FirstAssertions {
  readonly cases: readonly FirstCase[];
  /** Pairs of workloads, or of a workload and addresses, that no case speaks of, as their pods or families differ. */
  readonly mixed: number;
}

/**
 * Cases that say what is allowed in a cluster now: for each workload who reaches it on which ports, and that nobody else
 * does; then who reaches the outside. All of them hold.
 */
export function firstAssertions(engine: Engine, ends: ClusterEnds): FirstAssertions {
  const peers = firstPeers(engine, ends);
  const names = firstEnds(ends, peers);
  const cases: FirstCase[] = [];
  let mixed = 0;
  for (const to of peers) {
    if (to.kind !== "workload") continue;
    const groups = verdictGroups(peers, (from) => verdictOf(engine, from, to));
    cases.push(...casesInto(names, to, groups));
    mixed += groups.mixed;
  }
  const out = casesToOutside(
    engine,
    names,
    peers.filter((peer) => peer.kind === "workload"),
    peers.filter((peer) => peer.kind === "outside"),
  );
  return { cases: [...cases, ...out.cases], mixed: mixed + out.mixed };
}

function casesInto(names: FirstEnds, to: WorkloadPeer, groups: Groups): FirstCase[] {
  const [target] = names.of([to], []) as [FirstEnd];
  const title = titleOf(target);
  const declaresPorts = to.workload.pods.every((pod) => pod.ports.length > 0);
  const cases = [...groups.allowed].map(([ports, sources]): FirstCase => {
    const from = names.of(sources, groups.indifferent);
    const declared = ports === ALL_PORTS && declaresPorts;
    return {
      name: `${listOf(from)} may reach ${title} on ${declared ? "its ports" : portsInWords(ports)}`,
      from,
      to: [target],
      expect: "allow",
      ...(declared ? {} : { ports }),
    };
  });
  if (groups.isDenied) {
    const except = names.of(groups.some, groups.indifferent);
    cases.push({
      name: `nobody ${except.length === 0 ? "may reach" : "else may reach"} ${title}`,
      from: except.length === 0 ? ["anyone"] : [{ anyone: true, except }],
      to: [target],
      expect: "deny",
    });
  }
  return cases;
}
