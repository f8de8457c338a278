import { portsOfClass } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";
import { intersectPorts, type PortSet } from "../../net/port-set.ts";
import type { WorkloadPeer } from "./diff-peers.ts";
import type { WorkloadKind } from "./kinds.ts";
import { type NetChange, netChanges } from "./net-change.ts";
import type { State } from "./states.ts";
import type { IsTouched } from "./touched-kinds.ts";
import { type FamilySide, portsBetweenClasses, rowsOf } from "./workload-side.ts";

/** What may pass in a family before and after. Undefined where one end has no addresses of it. */
interface BeforeAfter {
  readonly before: PortSet | undefined;
  readonly after: PortSet | undefined;
}

/**
 * Compares workloads of one kind with different workloads of another or of the same. No pod of them is on the network of
 * a node. There may be millions of such pairs to look at, so that nothing is asked twice that is known to be the same.
 */
export function kindComparison(
  isTouched: IsTouched,
  samePods: boolean,
): (from: WorkloadKind, to: WorkloadKind) => readonly NetChange[] {
  return (from, to) => {
    const [source, destination] = [from.members[0]!, to.members[from === to ? 1 : 0]!];
    const leavingSame = samePods && !isTouched(from, "egress");
    const enteringSame = samePods && !isTouched(to, "ingress");
    const compared = (family: Family): BeforeAfter => {
      const [a, b] = [source.sides.before?.families[family], destination.sides.before?.families[family]];
      const [c, d] = [source.sides.after?.families[family], destination.sides.after?.families[family]];
      const isSimple = samePods && isOne(a) && isOne(b) && isOne(c) && isOne(d);
      if (!isSimple) return { before: portsOf(a, b), after: portsOf(c, d) };
      const leaving = sideOf(a, b, "egress");
      const entering = sideOf(b, a, "ingress");
      const leavingNow = leavingSame ? leaving : sideOf(c, d, "egress");
      const enteringNow = enteringSame ? entering : sideOf(d, c, "ingress");
      return {
        before: intersectPorts(leaving, entering),
        after: intersectPorts(leavingNow, enteringNow),
      };
    };
    const four = compared(4);
    const six = compared(6);
    if (four.before === four.after && six.before === six.after) return UNCHANGED;
    const byFamily = { 4: four, 6: six };
    return netChanges((state, family) =>
      state === "between"
        ? samePods
          ? byFamily[family].after
          : portsInState(source, destination, state, family)
        : byFamily[family][state],
    );
  };
}

const UNCHANGED: readonly NetChange[] = [];

function isOne(side: FamilySide | undefined): side is FamilySide {
  return side !== undefined && side.classes.length === 1;
}

/** What the only class of one lets pass for the only class of another. */
function sideOf(subject: FamilySide, peer: FamilySide, direction: Direction): PortSet {
  return portsOfClass(rowsOf(subject, direction)[0]!, peer.classes[0]!);
}

function portsOf(from: FamilySide | undefined, to: FamilySide | undefined): PortSet | undefined {
  return from === undefined || to === undefined ? undefined : portsBetweenClasses(from, to);
}

function portsInState(
  from: WorkloadPeer,
  to: WorkloadPeer,
  state: State,
  family: Family,
): PortSet | undefined {
  return portsOf(from.sides[state]?.families[family], to.sides[state]?.families[family]);
}
