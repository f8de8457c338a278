// The reason of a flow event, as one sentence without its full stop.
import type { DecidedReason, FlowEvent } from "../dataplane/flow-log/event.ts";
import { describePolicy } from "../policy/describe.ts";
import { nearestPeerMisses } from "./explain-misses.ts";
import { type MissWords, peerMissWords, portMissWords } from "./explain-reading-text.ts";
import { policyNames } from "./explain-tier-text.ts";
import { endId, ruleOfPolicy, ruleTitle, unknownField } from "./explain-words.ts";
import { flowTraffic } from "./flow-traffic.ts";

/** `no rule of NetworkPolicy shop/db-policy allows it; closest: rule 1 wants server=api, shop/web has server=web`. */
export function flowReasonText(event: FlowEvent): string {
  const { reason, fragment } = event;
  switch (reason.why) {
    case "not-known-yet":
      return "no pod is known to have this address yet, and until then it is closed";
    case "known-since":
      return `${reason.pod} was not known yet when the packet came`;
    case "no-ports":
      return fragment === true
        ? "a later fragment has no ports, so nobody can tell which rule it met"
        : "the ports are not in what was logged, so nobody can tell which rule it met";
    case "decided":
      return sideSentence(reason, flowTraffic(event));
    case "rules-changed":
      return `the rules have changed since; now ${sideSentence(reason, flowTraffic(event))}`;
  }
}

function sideSentence(reason: DecidedReason, what: string): string {
  const { explanation, side } = reason;
  const decidedBy = side.allowedBy ?? side.deniedBy;
  switch (side.reason) {
    case "outside":
      return "policies limit pods only";
    case "host-network":
      return "policies limit only pods with a network of their own";
    case "self":
      return "what stays inside a pod is never limited";
    case "own-node":
      return "a node always may reach the pods that run on it";
    case "open":
      return `no policy decides ${side.direction} of ${subjectOf(reason)}`;
    case "no-address":
      return `one end has no IPv${explanation.family} address`;
    case "no-rule":
      return noRuleSentence(reason, what);
    case "rule":
    case "accepted":
    case "denied": {
      if (decidedBy === undefined) return side.allowed ? "it is allowed" : "it is denied";
      const { policy } = decidedBy;
      if (policy.broken) {
        return `${describePolicy(policy)} has errors, so it is taken to deny all ${side.direction} of its pods`;
      }
      const unknown = unknownField(decidedBy);
      const because = unknown === undefined ? "" : `, since ${unknown.field} is not understood`;
      return `${ruleOfPolicy(decidedBy)} ${side.allowed ? "allows" : "denies"} it${because}`;
    }
  }
}

/** The pod whose side it is. */
function subjectOf({ explanation, side }: DecidedReason): string {
  return endId(side.direction === "ingress" ? explanation.to : explanation.from);
}

function noRuleSentence(reason: DecidedReason, what: string): string {
  const { isolatedBy, missed, direction } = reason.side;
  const [nearest] = missed;
  if (nearest === undefined) {
    const broken = isolatedBy.find((policy) => policy.broken);
    if (broken !== undefined) {
      return `${describePolicy(broken)} has errors, so it is taken to close its pods and to allow nothing`;
    }
    const lets = isolatedBy.length === 1 ? "lets" : "let";
    return `${policyNames(isolatedBy)} ${lets} nothing ${direction === "ingress" ? "enter" : "leave"}`;
  }
  const title = isolatedBy.length === 1 ? ruleTitle(nearest) : ruleOfPolicy(nearest);
  const misses = missWords(reason, what);
  const [first] = misses;
  const start = `no rule of ${policyNames(isolatedBy)} allows it`;
  if (first === undefined) return start;
  const wants =
    misses.length === 1
      ? `${first.wanted}, ${first.instead}`
      : misses.map(({ wanted, instead }) => `${wanted} (${instead})`).join(" and ");
  return `${start}; closest: ${title} wants ${wants}`;
}

/** What the nearest rule asks for in vain: a peer, a port, or both. */
function missWords({ explanation, side, cluster }: DecidedReason, what: string): MissWords[] {
  const [nearest] = side.missed;
  if (nearest === undefined) return [];
  const words: MissWords[] = [];
  const [peer] = nearestPeerMisses(nearest.peerMisses);
  if (peer !== undefined) words.push(peerMissWords(explanation, side, peer, cluster));
  if (!nearest.portMatches) words.push(portMissWords(nearest, explanation, cluster, what));
  return words;
}
