import { FAMILIES, type Family } from "../../net/address.ts";
import { intersectPorts, NO_PORTS, type PortSet, subtractPorts } from "../../net/port-set.ts";
import type { State } from "./states.ts";

/**
 * What made the difference: `policy`, where the new policies over the old pods make it already; else `pods`: pods,
 * namespaces or nodes that came, went or were labelled anew.
 */
export type Cause = "policy" | "pods";

/** Ports of a pair that are open and were not, or were and are not. */
export interface NetChange {
  readonly change: "opens" | "closes";
  readonly cause: Cause;
  readonly ports: PortSet;
  /** Set where it is so in this family only, while the pair has both. */
  readonly family?: Family;
}

/** What may pass between a pair in a state and family; undefined where it has no addresses of it. */
export type PortsIn = (state: State, family: Family) => PortSet | undefined;

const PARTS = [
  { change: "opens", cause: "policy" },
  { change: "opens", cause: "pods" },
  { change: "closes", cause: "policy" },
  { change: "closes", cause: "pods" },
] as const;

const NOTHING: readonly PortSet[] = [NO_PORTS, NO_PORTS, NO_PORTS, NO_PORTS];

const UNCHANGED: readonly NetChange[] = [];

/** What a pair of peers gains and loses from before to after. What is only so in between is no change. */
export function netChanges(portsIn: PortsIn, families: readonly Family[] = FAMILIES): readonly NetChange[] {
  // Most pairs that are looked at have not changed.
  if (families.every((family) => portsIn("before", family) === portsIn("after", family))) return UNCHANGED;
  const perFamily: { readonly family: Family; readonly parts: readonly PortSet[] }[] = [];
  for (const family of families) {
    const before = portsIn("before", family);
    const after = portsIn("after", family);
    if (before === undefined && after === undefined) continue;
    perFamily.push({ family, parts: partsOf(before ?? NO_PORTS, after ?? NO_PORTS, portsIn, family) });
  }
  return PARTS.flatMap((part, place): NetChange[] => {
    const first = perFamily[0]!.parts[place]!;
    if (perFamily.every(({ parts }) => parts[place] === first)) {
      return first === NO_PORTS ? [] : [{ ...part, ports: first }];
    }
    return perFamily
      .filter(({ parts }) => parts[place] !== NO_PORTS)
      .map(({ family, parts }) => ({ ...part, ports: parts[place]!, family }));
  });
}

/** In the order of {@link PARTS}. */
function partsOf(before: PortSet, after: PortSet, portsIn: PortsIn, family: Family): readonly PortSet[] {
  if (before === after) return NOTHING;
  const between = portsIn("between", family) ?? before;
  const opened = subtractPorts(after, before);
  const closed = subtractPorts(before, after);
  return [
    intersectPorts(opened, between),
    subtractPorts(opened, between),
    subtractPorts(closed, between),
    intersectPorts(closed, between),
  ];
}
