import { seenEnd } from "../../engine/end.ts";
import { type Explanation, explain, type SideExplanation } from "../../engine/explain.ts";
import { missOfPeer } from "../../engine/rule-misses.ts";
import type { RuleReading } from "../../engine/rule-reading.ts";
import { FAMILIES } from "../../net/address.ts";
import type { Peer } from "../../policy/policy.ts";
import { type ChangePacket, passingPacket, sameEnd } from "./change-packet.ts";
import type { DiffPeer } from "./diff-peers.ts";
import type { NetChange } from "./net-change.ts";
import type { Engines } from "./states.ts";

/** Why a connection opened or closed, told of one packet. */
export interface ChangeReason {
  readonly packet: ChangePacket;
  /** The sides that let it pass now and did not before, or the other way round. Egress first; at least one. */
  readonly sides: readonly SideReasons[];
}

export interface SideReasons {
  /** Missing where an end has no pods in the state. */
  readonly before?: SideVerdict;
  readonly after?: SideVerdict;
}

/** One side in one state, and what decided it. */
export interface SideVerdict {
  readonly side: SideExplanation;
  /** The rule that decided, if one did. */
  readonly reading?: RuleReading;
  /** The peer of the rule that matched. */
  readonly peer?: Peer;
}

/** Explains a change of one pair. Undefined if no single packet shows it. */
export function changeReason(
  engines: Engines,
  from: DiffPeer,
  to: DiffPeer,
  { change, ports, family }: NetChange,
): ChangeReason | undefined {
  const [passing, stopping] =
    change === "opens" ? (["after", "before"] as const) : (["before", "after"] as const);
  for (const each of family === undefined ? FAMILIES : [family]) {
    const packet = passingPacket(engines, passing, from, to, ports, each);
    if (packet === undefined) continue;
    const here = explain(engines[passing], packet.from, packet.to, each, packet.traffic);
    const source = sameEnd(packet.from, from, stopping, each);
    const destination = sameEnd(packet.to, to, stopping, each, source);
    const there =
      source === undefined || destination === undefined
        ? undefined
        : explain(engines[stopping], source, destination, each, packet.traffic);
    const sides = (["egress", "ingress"] as const)
      .filter((direction) => there === undefined || !there[direction].allowed)
      .map(
        (direction): SideReasons => ({
          [passing]: verdict(engines, passing, here, here[direction]),
          ...(there === undefined ? {} : { [stopping]: verdict(engines, stopping, there, there[direction]) }),
        }),
      );
    if (sides.length > 0) return { packet, sides };
  }
  return undefined;
}

function verdict(
  engines: Engines,
  state: "before" | "after",
  explanation: Explanation,
  side: SideExplanation,
): SideVerdict {
  const reading = side.allowedBy ?? side.deniedBy;
  if (reading === undefined) return { side };
  const peer = matchingPeer(engines, state, explanation, side, reading);
  return { side, reading, ...(peer === undefined ? {} : { peer }) };
}

function matchingPeer(
  engines: Engines,
  state: "before" | "after",
  { from, to, family, traffic }: Explanation,
  { direction }: SideExplanation,
  { rule }: RuleReading,
): Peer | undefined {
  if (rule.peers === "everyone") return undefined;
  const engine = engines[state];
  const source = seenEnd(from, family, engine.addresses);
  const destination = seenEnd(to, family, engine.addresses);
  const [subject, peer] = direction === "egress" ? [source, destination] : [destination, source];
  if (subject?.kind !== "pod" || peer === undefined || destination === undefined) return undefined;
  const packet = { engine, direction, pod: subject.pod, peer, destination, family, traffic };
  return rule.peers.find((each) => missOfPeer(packet, each) === undefined);
}

/** Equal for reasons that people would tell in the same words. */
export function reasonKey(reason: ChangeReason | undefined): string {
  if (reason === undefined) return "";
  return JSON.stringify(
    reason.sides.map(({ before, after }) => {
      // Where a rule is missed, it is that which is told, and not who else isolates the pod.
      const isMissed = before?.reading !== undefined && after?.side.reason === "no-rule";
      return [verdictKey(before), isMissed ? "missed" : verdictKey(after)];
    }),
  );
}

function verdictKey(found: SideVerdict | undefined): unknown {
  if (found === undefined) return undefined;
  const { side, reading, peer } = found;
  const deciders =
    reading === undefined
      ? side.isolatedBy.map(({ kind, id }) => `${kind} ${id}`)
      : [reading.policy.kind, reading.policy.id, reading.rule.index, peer?.path];
  return [side.direction, side.reason, deciders];
}
