import type { Area } from "../../engine/areas.ts";
import { portsOfArea, type Row } from "../../engine/row.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { OutsidePeer } from "./diff-peers.ts";
import type { RowPair } from "./differing-kinds.ts";
import type { Engines } from "./states.ts";

/**
 * Finds the ranges outside that rows may treat otherwise after than before, and at least all that they do.
 * `changedPolicies` are the ids of policies that are not the same before and after; `samePods` tells that pods and nodes
 * are.
 */
export function outsideDifferences(
  engines: Engines,
  outside: readonly OutsidePeer[],
  changedPolicies: ReadonlySet<string>,
  samePods: boolean,
): (rows: RowPair) => readonly OutsidePeer[] {
  const enclosing = {
    before: new Map(outside.map((peer) => [peer, around(engines, "before", peer)])),
    after: new Map(outside.map((peer) => [peer, around(engines, "after", peer)])),
  };
  const common = (rows: readonly Row[], state: "before" | "after", peer: OutsidePeer): PortSet | "mixed" | undefined => {
    let ports: PortSet | undefined;
    for (const row of rows) {
      const each = portsOfArea(row, enclosing[state].get(peer)!);
      if (ports !== undefined && ports !== each) return "mixed";
      ports = each;
    }
    return ports;
  };
  const isSame = ({ before, after }: RowPair): boolean => {
    if (before.length !== 1 || after.length !== 1) return false;
    const [old, now] = [before[0]!, after[0]!];
    // What nobody's block is about needs no look at each range.
    if (old.areas.size === 0 && now.areas.size === 0) return old.restOfAreas === now.restOfAreas;
    const names = old.policies.map(({ kind, id }) => `${kind} ${id}`);
    return (
      samePods &&
      names.length === now.policies.length &&
      names.every((name, place) => {
        const other = now.policies[place]!;
        return name === `${other.kind} ${other.id}` && !changedPolicies.has(name);
      })
    );
  };
  return (rows) => {
    if (isSame(rows)) return [];
    return outside.filter((peer) => {
      const before = common(rows.before, "before", peer);
      return before === "mixed" || before !== common(rows.after, "after", peer);
    });
  };
}

function around(engines: Engines, state: "before" | "after", peer: OutsidePeer): readonly Area[] {
  return engines[state].view(peer.family).areas.enclosing(peer.areas[state]);
}
