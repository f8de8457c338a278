import { formatPosition } from "../../../../k8s/location.ts";
import { describePeer, describePolicy, describePortMatch } from "../../../../policy/describe.ts";
import type { Policy, Rule } from "../../../../policy/policy.ts";
import { listOf } from "../../words.ts";
import type { PolicyRule } from "../containment/cover.ts";

/** How long a proof holds, as the end of a finding: a sentence of its own. */
export function certaintyWords(holds: "always" | "today"): string {
  return holds === "always"
    ? "That is so for any pod that could exist."
    : "That is so for the pods that are there today; pods that come later may need it.";
}

/** `the rule on line 12`, or `rule 2` where no text is behind it; of another policy, with its name. */
export function ruleWords({ policy, rule }: PolicyRule, speaker: Policy): string {
  const { line } = policy.origin.position(rule.path);
  const which = line === 0 ? `${rule.direction} rule ${rule.index + 1}` : `the rule on line ${line}`;
  if (policy === speaker) return which;
  return line === 0 || policy.origin.file !== speaker.origin.file
    ? `${rule.direction} rule ${rule.index + 1} of ${describePolicy(policy)}`
    : `${which} (${describePolicy(policy)})`;
}

/** `NetworkPolicy shop/a`, `NetworkPolicies shop/a and shop/b`. */
export function policiesWords(policies: readonly Policy[]): string {
  const distinct = [...new Set(policies)];
  if (distinct.length === 1) return describePolicy(distinct[0]!);
  return `NetworkPolicies ${listOf(distinct.map(({ id }) => id))}`;
}

/** `in from pods app=web of namespace shop on TCP 80`, shortened where it is long. */
export function trafficWords({ direction, peers, ports }: Rule): string {
  const way = direction === "ingress" ? "in from" : "out to";
  const who = peers === "everyone" ? "everyone" : listOf(peers.map(describePeer), 2, "or");
  const what = ports === "all" ? "on every port" : `on ${listOf(ports.map(describePortMatch), 3)}`;
  return `${way} ${who} ${what}`;
}

/** Where something is, as `policy.yaml:12:3`, or the name of the policy where no text is behind it. */
export function placeWords(policy: Policy, path: Rule["path"]): string {
  const position = policy.origin.position(path);
  return position.line === 0 ? describePolicy(policy) : formatPosition(position);
}
