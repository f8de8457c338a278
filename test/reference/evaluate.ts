import { adminTier, baselineTier } from "./cluster-policy.ts";
import { type End, type ResolvedEnd, resolveEnd } from "./end.ts";
import { networkPolicyTier } from "./network-policy.ts";
import type { Question, TierVerdict } from "./question.ts";
import type { Direction, RawCluster } from "./raw.ts";
import { checkTraffic, type Traffic } from "./traffic.ts";

export type { End } from "./end.ts";
export type { RawCluster } from "./raw.ts";
export type { Traffic } from "./traffic.ts";

/** In order; the first that does not pass decides. */
const tiers: readonly ((question: Question) => TierVerdict)[] = [adminTier, networkPolicyTier, baselineTier];

/**
 * Whether a new connection may be opened: the judge over engine and kernel, written from the API text alone.
 *
 * Ends that have no address of the family cannot talk. Two ends that are no pods can: no policy is about them.
 * @throws Error on an unknown pod, on text that is no address, on a missing port, and on objects that the API server
 * would refuse (noticed only where the answer depends on them).
 */
export function isAllowed(cluster: RawCluster, from: End, to: End, traffic: Traffic): boolean {
  checkTraffic(traffic);
  const source = resolveEnd(cluster, from, traffic.family);
  const destination = resolveEnd(cluster, to, traffic.family);
  if (source === undefined || destination === undefined) {
    return false;
  }
  if (isPodToItself(source, destination) || isNodeToItsPod(source, destination)) {
    return true;
  }
  const directionAllows = (direction: Direction) =>
    decide(cluster, direction, source, destination, traffic) === "allow";
  return directionAllows("Egress") && directionAllows("Ingress");
}

function isPodToItself(source: ResolvedEnd, destination: ResolvedEnd): boolean {
  return source.pod !== undefined && source.pod === destination.pod;
}

/** Kubelet probes must work; the way back, from a pod to its node, has no such privilege. */
function isNodeToItsPod(source: ResolvedEnd, destination: ResolvedEnd): boolean {
  return source.node !== undefined && source.node === destination.pod?.spec.nodeName;
}

function decide(
  cluster: RawCluster,
  direction: Direction,
  source: ResolvedEnd,
  destination: ResolvedEnd,
  traffic: Traffic,
): "allow" | "deny" {
  const [local, remote] = direction === "Egress" ? [source, destination] : [destination, source];
  if (local.pod === undefined) {
    return "allow";
  }
  const question = { cluster, direction, subject: local.pod, remote, destination, traffic };
  const verdicts = tiers.map((tier) => tier(question));
  const decided = verdicts.find((verdict) => verdict !== "pass");
  return decided ?? "allow";
}
