import type { Finding } from "../../../../k8s/finding.ts";
import { describePolicy } from "../../../../policy/describe.ts";
import type { Policy, Rule, Tier } from "../../../../policy/policy.ts";
import { type Check, findingOf } from "../../check.ts";
import { listOf } from "../../words.ts";
import { certainCovers, presentCovers } from "../containment/cover.ts";
import { symbolicContainment } from "../containment/symbolic.ts";
import { certaintyWords, ruleWords } from "../redundancy/words.ts";
import { doTheSame, findShadowedRules, type ShadowedRule } from "./find-shadowed-rules.ts";

const TIERS: readonly Tier[] = ["Admin", "Baseline"];

/** Rules of cluster-wide policies that are never asked, because earlier rules of the tier decide before. */
export const shadowedRule: Check = {
  codes: ["shadowed-rule"],
  *run({ policies, selected }) {
    for (const tier of TIERS) {
      const ofTier = policies.map(({ policy }) => policy).filter((policy) => policy.tier === tier);
      if (ofTier.length === 0) continue;
      const symbolic = symbolicContainment();
      const found = [
        ...findShadowedRules(ofTier, certainCovers(symbolic), presentCovers(selected, symbolic)),
      ];
      const shadowed = new Set(found.map(({ rule }) => rule));
      for (const each of found) yield finding(each, shadowed);
    }
  },
};

/** What a rule does to what it matches, as part of a sentence. */
const NEVER: Readonly<Record<Rule["action"], string>> = {
  Accept: "never accepts anything",
  Deny: "never denies anything",
  Pass: "never passes anything on",
};

function finding({ policy, rule, holds, cover }: ShadowedRule, shadowed: ReadonlySet<Rule>): Finding {
  const { origin } = policy;
  const position = origin.position(rule.path);
  const isSame = doTheSame([rule, ...cover.map((each) => each.rule)]);
  const words = listOf(cover.map((each) => ruleWords(each, policy)));
  const ownCover = cover.every((each) => each.policy === policy);
  return findingOf("shadowed-rule", {
    // Where it would do the same, traffic is as it was meant; and pods may come for which it matters.
    ...(isSame || holds === "today" ? { severity: "info" } : {}),
    position,
    object: describePolicy(policy),
    message:
      `This rule (${rule.action}) ${NEVER[rule.action]}: before it, ${words} ${verbOf(cover)} ` +
      `all that it is about. ${certaintyWords(holds)}`,
    help: isSame
      ? "Remove it, or narrow what comes before it."
      : ownCover
        ? "If it is to be heard, move it up, before what is wider. Else remove it."
        : "If it is to be heard, give its policy a lower priority number, or move it up. Else remove it.",
    related: cover.map((each) => ({
      position: each.policy.origin.position(each.rule.path),
      message: `decides before (${each.rule.action}, ${describePolicy(each.policy)})`,
    })),
    ...(leavesOthers(policy, rule, shadowed)
      ? {
          fix: {
            title: "remove the rule, which is never asked",
            // Were another policy to go one day, this rule would be heard; and what was to do something else is a mistake
            // that must not vanish unread.
            safe: holds === "always" && ownCover && isSame,
            edits: [{ kind: "remove-item", at: position }],
          },
        }
      : {}),
  });
}

const VERBS: Readonly<Record<Rule["action"], readonly [string, string]>> = {
  Accept: ["accepts", "accept"],
  Deny: ["denies", "deny"],
  Pass: ["passes on", "pass on"],
};

function verbOf(cover: ShadowedRule["cover"]): string {
  if (!doTheSame(cover.map(({ rule }) => rule))) return "decide";
  return VERBS[cover[0]!.rule.action][cover.length === 1 ? 0 : 1];
}

/** A list of rules that becomes empty is another matter: then it is the policy that may go. */
function leavesOthers(policy: Policy, { direction }: Rule, shadowed: ReadonlySet<Rule>): boolean {
  return policy.rules[direction].some((rule) => !shadowed.has(rule));
}
