import type { Finding, RelatedPlace } from "../../../../k8s/finding.ts";
import type { Fix } from "../../../../k8s/fix.ts";
import { describePolicy } from "../../../../policy/describe.ts";
import type { Policy, Rule } from "../../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../../check.ts";
import { countOf, listOf } from "../../words.ts";
import { certainCovers, type PolicyRule, presentCovers } from "../containment/cover.ts";
import { symbolicContainment } from "../containment/symbolic.ts";
import { findRedundancies, type Redundancy } from "./find-redundancies.ts";
import { isolatedDirections, readRules } from "./namespace-rules.ts";
import { ruleKey } from "./policy-key.ts";
import { certaintyWords, policiesWords, ruleWords, trafficWords } from "./words.ts";

/** So many rules that one rule makes redundant are told of one by one; more, together. */
const MOST_ALONE = 2;

/** More places than this help nobody. */
const MOST_PLACES = 10;

/** NetworkPolicies and rules of them without which every verdict is the same. */
export const redundantPolicies: Check = {
  codes: ["redundant-policy", "redundant-rule", "duplicate-policy"],
  *run(context) {
    const symbolic = symbolicContainment();
    const [always, today] = [certainCovers(symbolic), presentCovers(context.selected, symbolic)];
    for (const group of byNamespace(context.networkPolicies)) {
      const redundancies = findRedundancies(group, always, today);
      yield* redundancies.flatMap((each) => (each.rule === undefined ? [policyFinding(each)] : []));
      for (const alike of groupsByCover(redundancies)) {
        if (alike.length > MOST_ALONE) yield ruleGroupFinding(alike);
        else for (const each of alike) yield ruleFinding(context, each);
      }
    }
  },
};

function byNamespace(policies: readonly CheckedNetworkPolicy[]): Iterable<CheckedNetworkPolicy[]> {
  const groups = new Map<string, CheckedNetworkPolicy[]>();
  for (const checked of policies) {
    const group = groups.get(checked.source.namespace);
    if (group === undefined) groups.set(checked.source.namespace, [checked]);
    else group.push(checked);
  }
  return groups.values();
}

interface RuleRedundancy extends Redundancy {
  readonly rule: Rule;
}

/** Redundant rules by what makes them so: one rule, or each its own. The first one written comes first. */
function groupsByCover(redundancies: readonly Redundancy[]): Iterable<RuleRedundancy[]> {
  const groups = new Map<unknown, RuleRedundancy[]>();
  for (const each of [...redundancies].reverse()) {
    if (!isOfRule(each)) continue;
    const [cover] = each.cover;
    const shared = each.cover.length === 1 && cover!.policy !== each.checked.policy;
    const key = shared ? cover!.rule : each;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else if (group[0]!.holds === each.holds) group.push(each);
    else groups.set(each, [each]);
  }
  return groups.values();
}

function isOfRule(redundancy: Redundancy): redundancy is RuleRedundancy {
  return redundancy.rule !== undefined;
}

function policyFinding({ checked, holds, cover, isolating, sameAs }: Redundancy): Finding {
  const { policy } = checked;
  const { origin } = policy;
  const position = origin.position(["metadata", "name"]);
  const head = { position, object: describePolicy(policy) };
  const remove = (safe: boolean): Fix => ({
    title: `remove ${describePolicy(policy)}`,
    safe,
    edits: [{ kind: "remove-document", at: position }],
  });
  if (sameAs !== undefined) {
    return findingOf("duplicate-policy", {
      ...head,
      message: `This policy says the same as ${describePolicy(sameAs)}: without it the same traffic passes.`,
      help: "Remove one of them. While both are there, what is taken out of one is still allowed by the other.",
      related: [namePlace(sameAs, "the same policy under another name")],
      fix: remove(true),
    });
  }
  const others = [...new Set([...isolating, ...cover.map((each) => each.policy)])];
  const nothingAllowed = cover.length === 0;
  return findingOf("redundant-policy", {
    ...head,
    message:
      `Without this policy the same traffic passes: ${policiesWords(others)} already ` +
      `${others.length === 1 ? "isolates" : "isolate"} the same pods` +
      `${nothingAllowed ? "" : ` and ${others.length === 1 ? "allows" : "allow"} all that it allows`}. ` +
      certaintyWords(holds),
    help: nothingAllowed
      ? "Keep it if it is a safeguard; else remove it."
      : "If it is meant to be narrower, narrow the others; nothing is closed by this one. Else remove it.",
    related: [
      ...isolating.map((other) => namePlace(other, "isolates the same pods")),
      ...cover.map(coverPlace),
      ...isolatedDirections(policy)
        .flatMap((direction) => readRules(policy, direction))
        .map(({ path }) => ({ position: origin.position(path), message: "allows nothing more" })),
    ],
    // Never safe: should the others go one day, its pods would be open without it.
    fix: remove(false),
  });
}

function ruleFinding({ selected }: CheckContext, { checked, rule, holds, cover }: RuleRedundancy): Finding {
  const { policy } = checked;
  const position = policy.origin.position(rule.path);
  const isCopy =
    cover.length === 1 && cover[0]!.policy === policy && ruleKey(cover[0]!.rule) === ruleKey(rule);
  const pods = countOf(selected.podsOf(policy.subject).length, "pod");
  const words = listOf(cover.map((each) => ruleWords(each, policy)));
  return findingOf("redundant-rule", {
    ...(isCopy ? { severity: "warning" } : {}),
    position,
    object: describePolicy(policy),
    message: isCopy
      ? `This rule says the same as ${words}: without it the same traffic passes.`
      : `Without this rule the same traffic passes: ${words} already ${cover.length === 1 ? "lets" : "let"} ` +
        `the same pods (${pods} today) ${trafficWords(rule)}. ${certaintyWords(holds)}`,
    help: isCopy
      ? "Remove one of them, or correct the one that was to be another."
      : "If this traffic is to be limited, the other place must be narrower. Else remove this rule.",
    related: cover.map(coverPlace),
    fix: {
      title: "remove the rule, which allows nothing more",
      safe: holds === "always",
      edits: [{ kind: "remove-item", at: position }],
    },
  });
}

/** What would be said of many rules, said once. */
function ruleGroupFinding(alike: readonly RuleRedundancy[]): Finding {
  const [{ checked, rule, holds, cover }, ...rest] = alike as [RuleRedundancy, ...RuleRedundancy[]];
  const { policy } = checked;
  const position = policy.origin.position(rule.path);
  const policies = [...new Set(alike.map((each) => each.checked.policy.id))];
  return findingOf("redundant-rule", {
    position,
    object: describePolicy(policy),
    message:
      `Without ${countOf(alike.length, "rule")} of ${countOf(policies.length, "policy", "policies")} ` +
      `(${listOf(policies)}) the same traffic passes: ${ruleWords(cover[0]!, policy)} already lets the same pods ` +
      `${trafficWords(cover[0]!.rule)}. ${certaintyWords(holds)}`,
    help: "If this traffic is to be limited, the one place that all share must be narrower. Else remove the rules.",
    related: [
      coverPlace(cover[0]!),
      ...rest.slice(0, MOST_PLACES).map((each) => ({
        position: each.checked.policy.origin.position(each.rule.path),
        message: `allows nothing more either (${describePolicy(each.checked.policy)})`,
      })),
    ],
    fix: {
      title: "remove the rules, which allow nothing more",
      safe: holds === "always",
      edits: alike.map((each) => ({
        kind: "remove-item",
        at: each.checked.policy.origin.position(each.rule.path),
      })),
    },
  });
}

function namePlace(policy: Policy, message: string): RelatedPlace {
  return { position: policy.origin.position(["metadata", "name"]), message };
}

function coverPlace({ policy, rule }: PolicyRule): RelatedPlace {
  return {
    position: policy.origin.position(rule.path),
    message: `allows the same, or more (${describePolicy(policy)})`,
  };
}
