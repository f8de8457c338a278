import type { SideReasons, SideVerdict } from "../analysis/diff/change-reason.ts";
import type { ConnectionChange } from "../analysis/diff/connection-diff.ts";
import type { Position } from "../k8s/location.ts";
import { describePeer, describePolicy } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { actionWord, fileAndLine, policyPosition, ruleOfPolicy, rulePosition } from "./explain-words.ts";

/** Why a change is so, in words, and the place that says it. */
export interface ReasonText {
  readonly text: string;
  /** In the new state, where there is one. */
  readonly place?: Position;
}

/** The reasons of a change, one for each side that has something to say. */
export function reasonTexts({ change, reason, to, from }: ConnectionChange): ReasonText[] {
  if (reason === undefined) return [];
  if (change === "opens" && reason.sides.every(isFree)) return [{ text: "no policy limits it" }];
  return reason.sides
    .filter((side) => reason.sides.length === 1 || !isFree(side))
    .map((side) => {
      if (side.after === undefined) {
        return { text: from.length === 1 && to.length === 1 ? "the pods are gone" : "pods are gone" };
      }
      return change === "opens" ? openedText(side, side.after) : closedText(side, side.after);
    })
    .filter(({ text }, place, all) => all.findIndex((each) => each.text === text) === place);
}

/** True of a side where nothing stands in the way, and nothing did before. */
function isFree({ before, after }: SideReasons): boolean {
  if (before !== undefined || after === undefined) return false;
  return (
    after.side.reason === "outside" || after.side.reason === "open" || after.side.reason === "host-network"
  );
}

function openedText({ before }: SideReasons, after: SideVerdict): ReasonText {
  if (after.reading !== undefined) return ruleText(after, after.reading);
  const { side } = after;
  const isolating = before?.side.isolatedBy ?? [];
  const denying = before?.reading;
  switch (side.reason) {
    case "open":
      if (denying !== undefined) {
        const where = fileAndLine(rulePosition(denying));
        return { text: `${ruleOfPolicy(denying)} does not deny it any more (before: ${where})` };
      }
      if (isolating.length > 0) {
        return {
          text: `no policy isolates it for ${side.direction} any more (before: ${policyPlaces(isolating)})`,
        };
      }
      return { text: `no policy isolates it for ${side.direction}` };
    case "host-network":
      return { text: "on the network of its node, where no policy limits it" };
    case "own-node":
      return { text: "from its own node, which always may" };
    default:
      return { text: "no policy is asked" };
  }
}

function closedText({ before }: SideReasons, after: SideVerdict): ReasonText {
  const { side, reading } = after;
  if (reading !== undefined) return ruleText(after, reading);
  if (side.reason === "no-address") return { text: "there is no address of this family any more" };
  const [first] = side.isolatedBy;
  if (first === undefined) return { text: `nothing lets it ${side.direction === "ingress" ? "in" : "out"}` };
  const allowing = before?.reading;
  if (allowing === undefined) {
    return {
      text: `isolated for ${side.direction} by ${policyNames(side.isolatedBy)}, and no rule allows it`,
      place: policyPosition(first),
    };
  }
  const { kind, id } = allowing.policy;
  const successor = side.isolatedBy.find((policy) => policy.kind === kind && policy.id === id);
  const way = side.direction === "ingress" ? "in" : "out";
  const text = `no rule lets it ${way} any more (before: ${ruleOfPolicy(allowing)}, ${fileAndLine(rulePosition(allowing))})`;
  return successor === undefined ? { text } : { text, place: policyPosition(successor) };
}

function ruleText({ peer }: SideVerdict, reading: NonNullable<SideVerdict["reading"]>): ReasonText {
  const place = peer === undefined ? rulePosition(reading) : reading.policy.origin.position(peer.path);
  const peers = peer === undefined ? "everyone" : describePeer(peer);
  const verb = reading.rule.action === "Accept" ? "" : `${actionWord(reading)} by `;
  return { text: `${verb}${ruleOfPolicy(reading)}: ${preposition(reading)} ${peers}`, place };
}

function preposition({ rule }: NonNullable<SideVerdict["reading"]>): string {
  return rule.direction === "ingress" ? "from" : "to";
}

function policyNames(policies: readonly Policy[]): string {
  const shown = policies.slice(0, 2).map(describePolicy);
  const more = policies.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** Policies that are gone, with where they were. */
function policyPlaces(policies: readonly Policy[]): string {
  const shown = policies
    .slice(0, 2)
    .map((policy) => `${describePolicy(policy)}, ${fileAndLine(policyPosition(policy))}`);
  const more = policies.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(" and ");
}

/** A reason on one line, its place first. */
export function reasonLine({ text, place }: ReasonText): string {
  return place === undefined || place.file === "" ? text : `${fileAndLine(place)}  ${text}`;
}
