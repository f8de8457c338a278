import type { Finding } from "../../../k8s/finding.ts";
import type { Fix } from "../../../k8s/fix.ts";
import type { FieldPath, Origin } from "../../../k8s/location.ts";
import { describePeer, describePolicy, describePortMatch } from "../../../policy/describe.ts";
import type { Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { DIRECTIONS, hasEmptyPeers } from "../network-policy-rules.ts";
import { subjectInWords } from "../subject-words.ts";
import { listOf } from "../words.ts";

/**
 * `from: []`, `to: []` and `ports: []`: written out, they look like nobody and no port, and mean everyone and every port.
 * A rule without these fields (`ingress: [{}]`) says the same openly.
 */
export const emptyLists: Check = {
  codes: ["empty-from", "empty-to", "empty-ports"],
  *run(context) {
    for (const checked of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        if (!checked.policy.isolates[direction]) continue;
        for (const rule of checked.policy.rules[direction]) {
          // Of a rule with both, everyone is the worse half, and the message tells of the ports too.
          if (hasEmptyPeers(checked, rule)) yield emptyPeersFinding(context, checked, rule);
          else if (hasEmptyPorts(checked, rule)) yield emptyPortsFinding(context, checked, rule);
        }
      }
    }
  },
};

function hasEmptyPorts({ source }: CheckedNetworkPolicy, { direction, index }: Rule): boolean {
  const ports = source.spec[direction]?.[index]?.ports;
  return ports !== undefined && ports.length === 0;
}

function emptyPeersFinding(context: CheckContext, checked: CheckedNetworkPolicy, rule: Rule): Finding {
  const { policy } = checked;
  const isIngress = rule.direction === "ingress";
  const field = isIngress ? "from" : "to";
  const written = asWritten(policy.origin, [...rule.path, field]);
  const pods = subjectInWords(context, policy);
  const ports = rule.ports === "all" ? "every port" : listOf(rule.ports.map(describePortMatch));
  const fix = withoutRule(checked, rule);
  return findingOf(isIngress ? "empty-from" : "empty-to", {
    position: policy.origin.position([...rule.path, field], "key"),
    object: describePolicy(policy),
    message:
      `${written} means everyone, not nobody: ` +
      (isIngress
        ? `this rule lets anyone inside and outside of the cluster connect to ${pods} on ${ports}.`
        : `this rule lets ${pods} connect to anyone inside and outside of the cluster on ${ports}.`),
    help: `If everyone is meant, leave ${field} out, which says so openly. If nobody is, remove the whole rule.`,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** Undefined where the direction would not be isolated any more without the rule, which opens still more. */
function withoutRule({ source, policy }: CheckedNetworkPolicy, { direction, path }: Rule): Fix | undefined {
  const isImplied = source.spec.policyTypes === undefined && direction === "egress";
  if (isImplied && policy.rules.egress.length === 1) return undefined;
  return {
    title: `remove the rule, so that it lets nothing ${direction === "ingress" ? "in" : "out"}`,
    safe: false,
    edits: [{ kind: "remove-item", at: policy.origin.position(path) }],
  };
}

function emptyPortsFinding(context: CheckContext, { policy }: CheckedNetworkPolicy, rule: Rule): Finding {
  const written = asWritten(policy.origin, [...rule.path, "ports"]);
  const pods = subjectInWords(context, policy);
  const peers = rule.peers === "everyone" ? "anyone" : listOf(rule.peers.map(describePeer), 3, "or");
  return findingOf("empty-ports", {
    position: policy.origin.position([...rule.path, "ports"], "key"),
    object: describePolicy(policy),
    message:
      `${written} means every protocol and port, not none: this rule lets ` +
      (rule.direction === "ingress"
        ? `${peers} connect to ${pods} on any of them.`
        : `${pods} connect to ${peers} on any of them.`),
    help: "If every port is meant, leave ports out, which says so openly. Else name them, as in - port: 8080.",
  });
}

/** `from: []`, or `from: without a value`. An empty value has no place but that of its key. */
function asWritten(origin: Origin, path: FieldPath): string {
  const field = path.at(-1);
  const [key, value] = [origin.position(path, "key"), origin.position(path)];
  const hasValue = key.line !== value.line || key.column !== value.column;
  return hasValue || key.line === 0 ? `${field}: []` : `${field}: without a value`;
}
