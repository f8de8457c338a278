import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Fix } from "../../../k8s/fix.ts";
import type { Origin } from "../../../k8s/location.ts";
import type { Direction, PolicyType } from "../../../k8s/objects.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { isolatingPolicies } from "../isolating-policies.ts";
import { DIRECTIONS } from "../network-policy-rules.ts";
import { anyOfSubjectInWords, subjectInWords } from "../subject-words.ts";
import { countOf, workloadsOf } from "../words.ts";
import { howTypesLack, typesFix } from "./unwritten-types.ts";

const TYPES: Readonly<Record<Direction, PolicyType>> = { ingress: "Ingress", egress: "Egress" };

/** Rules of a direction that the policy is not about: they are never read. So is an empty list, which looks like "nobody". */
export const unlistedRules: Check = {
  codes: ["ignored-rules", "empty-rules-ignored"],
  *run(context) {
    for (const checked of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        const rules = checked.source.spec[direction];
        if (rules === undefined || checked.policy.isolates[direction]) continue;
        yield rules.length > 0
          ? rulesFinding(context, checked, direction)
          : emptyFinding(context, checked, direction);
      }
    }
  },
};

function rulesFinding(context: CheckContext, checked: CheckedNetworkPolicy, direction: Direction): Finding {
  const { policy, source } = checked;
  const type = TYPES[direction];
  const types = source.spec.policyTypes ?? [];
  const closed = closedInstead(checked, direction);
  const pods = anyOfSubjectInWords(context, policy);
  const closing =
    closed === undefined
      ? ""
      : closed === "ingress"
        ? ` Instead, this policy closes ingress and lets nobody in to ${pods}.`
        : ` Instead, this policy closes egress and lets nothing out of ${pods}.`;
  return findingOf("ignored-rules", {
    position: policy.origin.position(["spec", "policyTypes"], "key"),
    object: describePolicy(policy),
    message: `The ${direction} rules are never read, as policyTypes does not list ${type}: ${effect(context, checked, direction)}.${closing}`,
    help:
      closed === undefined
        ? `Write policyTypes: [${[...types, type].join(", ")}]: then only what a rule allows may ${direction === "ingress" ? "come in" : "leave"}. If the rules are not meant, remove them.`
        : `Did you mean policyTypes: [${type}]?`,
    related: [
      {
        position: policy.origin.position(["spec", direction], "key"),
        message: "these rules are never read",
      },
    ],
    fix: listedFix(checked, direction),
  });
}

/** The one direction that is listed in place of the other: it has no rules at all, and so is closed. */
function closedInstead(
  { policy, source }: CheckedNetworkPolicy,
  direction: Direction,
): Direction | undefined {
  const other = direction === "ingress" ? "egress" : "ingress";
  return policy.isolates[other] && source.spec[other] === undefined ? other : undefined;
}

function listedFix(checked: CheckedNetworkPolicy, direction: Direction): Fix {
  const { origin } = checked.policy;
  const type = TYPES[direction];
  const types = checked.source.spec.policyTypes ?? [];
  if (types.length === 1 && closedInstead(checked, direction) !== undefined) {
    const at = origin.position(["spec", "policyTypes", 0]);
    return {
      title: `list ${type} instead of ${types[0]}`,
      safe: false,
      edits: [{ kind: "set-value", at, value: type }],
    };
  }
  return addedType(origin, type, `add ${type} to policyTypes`);
}

function addedType(origin: Origin, value: PolicyType, title: string): Fix {
  const at = origin.position(["spec", "policyTypes"]);
  return { title, safe: false, edits: [{ kind: "add-item", at, value }] };
}

/** What it means today that the rules are not read. */
function effect(context: CheckContext, { policy }: CheckedNetworkPolicy, direction: Direction): string {
  const pods = context.selected.podsOf(policy.subject);
  const open = openPods(context, pods, direction);
  const subject = subjectInWords(context, policy);
  if (direction === "ingress") {
    const any = anyOfSubjectInWords(context, policy);
    if (pods.length === 0) return `this policy limits nobody who connects to ${any}`;
    if (open.length === 0) return `what they were to let in to ${any} stays out, unless others let it in`;
    return `anyone may connect to ${openInWords(open)}, as no NetworkPolicy limits it`;
  }
  if (pods.length === 0) return `this policy does not limit to whom ${subject} connect`;
  if (open.length === 0) return `what they were to let out of ${subject} stays in, unless others let it out`;
  return `${openInWords(open)} may connect to anyone, as no NetworkPolicy limits it`;
}

function emptyFinding(context: CheckContext, checked: CheckedNetworkPolicy, direction: Direction): Finding {
  const { policy, source } = checked;
  const type = TYPES[direction];
  const pods = context.selected.podsOf(policy.subject);
  const open = openPods(context, pods, direction);
  const subject = open.length === 0 ? subjectInWords(context, policy) : openInWords(open);
  const isListed = source.spec.policyTypes !== undefined;
  const whole =
    direction === "ingress"
      ? `whoever connects to ${subject} is not limited by this policy`
      : `to whom ${subject} may connect is not limited by this policy`;
  const insteadClosed =
    !isListed && source.spec.ingress === undefined
      ? ` What it closes is ingress: nobody is let in to ${anyOfSubjectInWords(context, policy)} by it.`
      : "";
  const wanted: readonly PolicyType[] =
    insteadClosed !== "" ? [type] : [...(source.spec.policyTypes ?? ["Ingress"]), type];
  const title = `close ${direction} with policyTypes: [${wanted.join(", ")}]`;
  const fix = isListed ? addedType(policy.origin, type, title) : typesFix(policy.origin, wanted, title);
  return findingOf("empty-rules-ignored", {
    // Who lists types has thought of them; where others close the direction, nothing is open by it.
    ...(isListed || (pods.length > 0 && open.length === 0) ? { severity: "info" } : {}),
    position: policy.origin.position(["spec", direction], "key"),
    object: describePolicy(policy),
    message: `${direction}: [] closes nothing, as ${isListed ? `policyTypes does not list ${type}` : `policyTypes is ${howTypesLack(policy.origin)}`}: ${whole}.${insteadClosed}`,
    help: `To close ${direction}, write policyTypes: [${wanted.join(", ")}]. If it is not meant to be closed, remove ${direction}: [].`,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** Those that no NetworkPolicy isolates for the direction. */
function openPods(
  { engine }: CheckContext,
  pods: readonly ClusterPod[],
  direction: Direction,
): readonly ClusterPod[] {
  return pods.filter((pod) => isolatingPolicies(engine, pod, direction).length === 0);
}

function openInWords(pods: readonly ClusterPod[]): string {
  return `${workloadsOf(pods)} (${countOf(pods.length, "pod")} today)`;
}
