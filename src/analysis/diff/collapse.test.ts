import fc from "fast-check";
import { expect, it } from "vitest";
import { portRange } from "../../net/port-set.ts";
import { collapse } from "./collapse.ts";
import { type ChangedPairs, changeKey } from "./compare-connections.ts";
import type { WorkloadPeer } from "./diff-peers.ts";

const PEERS: readonly WorkloadPeer[] = Array.from({ length: 6 }, (_, index) => ({
  kind: "workload",
  id: `shop/w${index}[Pod]`,
  namespace: "shop",
  name: `w${index}`,
  workloadKind: "Pod",
  onNodes: false,
  sides: {},
}));

const NETS = [80, 443].map((port) => ({
  change: "opens" as const,
  cause: "policy" as const,
  ports: portRange("TCP", port),
}));

/** Every pair of every change, one by one. */
function pairsIn(changed: readonly ChangedPairs[]): string[] {
  return changed
    .flatMap((each) =>
      each.from.flatMap((from) =>
        (each.within ? [from] : each.to)
          .filter((to) => each.within || to !== from)
          .map((to) => `${changeKey(each)} ${from.id} ${to.id}`),
      ),
    )
    .sort();
}

it("loses no pair, makes none up and tells none twice", () => {
  const matrix = fc.array(fc.constantFrom(undefined, ...NETS), { minLength: 36, maxLength: 36 });
  fc.assert(
    fc.property(matrix, fc.boolean(), (cells, byDestination) => {
      const changed: ChangedPairs[] = [];
      for (const [a, from] of PEERS.entries()) {
        for (const [b, to] of PEERS.entries()) {
          const net = cells[a * 6 + b];
          if (net !== undefined) changed.push({ ...net, from: [from], to: [to], within: a === b });
        }
      }
      const given = byDestination ? groupedByDestination(changed) : changed;
      expect(pairsIn(collapse(given))).toEqual(pairsIn(changed));
    }),
    { numRuns: 500 },
  );
});

/** As the comparison gives them. */
function groupedByDestination(changed: readonly ChangedPairs[]): ChangedPairs[] {
  const groups = new Map<string, ChangedPairs[]>();
  for (const each of changed) {
    const key = `${changeKey(each)} ${each.to[0]!.id} ${each.within}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map((group) => ({ ...group[0]!, from: group.flatMap(({ from }) => from) }));
}

it("tells a full mesh as one", () => {
  const net = NETS[0]!;
  const changed = PEERS.map((to): ChangedPairs => {
    return { ...net, from: PEERS.filter((from) => from !== to), to: [to], within: false };
  });
  expect(collapse(changed)).toHaveLength(1);
});
