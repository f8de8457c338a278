import type { Direction } from "../k8s/objects.ts";
import { type Bitset, forEachBit } from "../net/bitset.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  subtractPorts,
  unionPorts,
} from "../net/port-set.ts";
import type { Action, Policy, Rule, Tier } from "../policy/policy.ts";
import type { PodClass } from "./classes.ts";
import { namedPorts, numericPorts, rulePorts } from "./ports.ts";

/** What one direction of a pod class lets pass, for every peer atom, after all tiers. */
export interface Row {
  /** The policies that shaped it, in the order of judgement. */
  readonly policies: readonly Policy[];
  /** True if a NetworkPolicy isolates the class for this direction. */
  readonly isolated: boolean;
  readonly portSets: readonly PortSet[];
  /** For each atom the index of its set in `portSets`. */
  readonly cells: Uint32Array;
}

/** The ports that a row lets pass for an atom. */
export function portsAt(row: Row, atom: number): PortSet {
  return row.portSets[row.cells[atom]!]!;
}

/** A row that says the same for every atom. */
export function uniformRow(atomCount: number, ports: PortSet): Row {
  return { policies: [], isolated: false, portSets: [ports], cells: new Uint32Array(atomCount) };
}

export interface RowInput {
  readonly direction: Direction;
  /** The policies that are about the class and say something for the direction, in the order of judgement. */
  readonly policies: readonly Policy[];
  readonly podClass: PodClass;
  readonly classes: readonly PodClass[];
  readonly atomCount: number;
  readonly peersOf: (rule: Rule) => Bitset | "everyone";
}

/** Judges every atom: Admin, then NetworkPolicy, then Baseline, then allow. */
export function decideRow(input: RowInput): Row {
  const { direction, policies, atomCount } = input;
  const allowed = new Array<PortSet>(atomCount).fill(NO_PORTS);
  const undecided = new Array<PortSet>(atomCount).fill(ALL_PORTS);
  const of = (tier: Tier): Policy[] => policies.filter((policy) => policy.tier === tier);

  decideOrderedTier(input, of("Admin"), allowed, undecided);

  const networkPolicies = of("NetworkPolicy");
  const isolated = networkPolicies.length > 0;
  if (isolated) {
    const accepted = new Array<PortSet>(atomCount).fill(NO_PORTS);
    for (const policy of networkPolicies) {
      for (const rule of policy.rules[direction]) {
        forEachMatch(input, rule, (atom, ports) => {
          accepted[atom] = unionPorts(accepted[atom]!, ports);
        });
      }
    }
    for (let atom = 0; atom < atomCount; atom++) {
      allowed[atom] = unionPorts(allowed[atom]!, intersectPorts(undecided[atom]!, accepted[atom]!));
    }
  } else {
    decideOrderedTier(input, of("Baseline"), allowed, undecided);
    for (let atom = 0; atom < atomCount; atom++) {
      allowed[atom] = unionPorts(allowed[atom]!, undecided[atom]!);
    }
  }
  return compactRow(policies, isolated, allowed);
}

/** A tier in which the first matching rule decides. What Pass lets go stays undecided for the tiers below. */
function decideOrderedTier(
  input: RowInput,
  policies: readonly Policy[],
  allowed: PortSet[],
  undecided: PortSet[],
): void {
  if (policies.length === 0) return;
  const passed = new Array<PortSet>(input.atomCount).fill(NO_PORTS);
  const apply: Record<Action, (atom: number, ports: PortSet) => void> = {
    Accept: (atom, ports) => {
      allowed[atom] = unionPorts(allowed[atom]!, ports);
    },
    Deny: () => {},
    Pass: (atom, ports) => {
      passed[atom] = unionPorts(passed[atom]!, ports);
    },
  };
  for (const policy of policies) {
    for (const rule of policy.rules[input.direction]) {
      forEachMatch(input, rule, (atom, ports) => {
        const matched = intersectPorts(undecided[atom]!, ports);
        undecided[atom] = subtractPorts(undecided[atom]!, ports);
        apply[rule.action](atom, matched);
      });
    }
  }
  for (let atom = 0; atom < input.atomCount; atom++) {
    undecided[atom] = unionPorts(undecided[atom]!, passed[atom]!);
  }
}

/** Calls `visit` with each atom that the rule's peers hold and the rule's ports towards it, if there are any. */
function forEachMatch(input: RowInput, rule: Rule, visit: (atom: number, ports: PortSet) => void): void {
  const { direction, podClass, classes, atomCount } = input;
  const peers = input.peersOf(rule);
  const named = namedPorts(rule).length > 0;
  const fixed = direction === "ingress" && named ? rulePorts(rule, podClass.namedPorts) : numericPorts(rule);
  // Names resolve on the destination: the subject for ingress, the peer for egress. A range is no pod.
  const portsTo =
    direction === "egress" && named
      ? (atom: number): PortSet =>
          atom < classes.length ? rulePorts(rule, classes[atom]!.namedPorts) : fixed
      : (): PortSet => fixed;
  const visitAtom = (atom: number): void => {
    const ports = portsTo(atom);
    if (ports !== NO_PORTS) visit(atom, ports);
  };
  if (peers === "everyone") {
    for (let atom = 0; atom < atomCount; atom++) visitAtom(atom);
  } else {
    forEachBit(peers, visitAtom);
  }
}

function compactRow(policies: readonly Policy[], isolated: boolean, allowed: readonly PortSet[]): Row {
  const portSets: PortSet[] = [];
  const indexOf = new Map<PortSet, number>();
  const cells = new Uint32Array(allowed.length);
  for (const [atom, ports] of allowed.entries()) {
    let index = indexOf.get(ports);
    if (index === undefined) {
      index = portSets.length;
      portSets.push(ports);
      indexOf.set(ports, index);
    }
    cells[atom] = index;
  }
  return { policies, isolated, portSets, cells };
}
