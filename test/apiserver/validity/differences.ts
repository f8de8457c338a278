import type { Finding } from "../../../src/k8s/finding.ts";
import type { Verdicts } from "./verdicts.ts";

/**
 * What is sent to which server. Before Kubernetes 1.36, and later with `StrictIPCIDRValidation=false`, addresses are taken
 * that newer servers refuse.
 */
export type Subject =
  | "NetworkPolicy"
  | "NetworkPolicy before 1.36"
  | "ClusterNetworkPolicy"
  | "pods and namespaces";

/** Where our reader says something else than the API server, on purpose. */
export interface Difference {
  readonly of: Subject;
  readonly why: string;
  /** True if this is what the API server refuses, and what our reader has for it instead of an error. */
  readonly explains: (verdicts: Verdicts) => boolean;
}

/** The API server stores it; every error of ours is one of these. */
function stricter(codes: string | readonly string[], message: RegExp = /^/): Difference["explains"] {
  return ({ refusal, findings }) => refusal === undefined && errorsOf(findings).every(isThis);
  function isThis(finding: Finding): boolean {
    return [codes].flat().includes(finding.code) && message.test(finding.message);
  }
}

/** The API server refuses it, and our reader has a warning. */
function milder(refused: RegExp, code: string): Difference["explains"] {
  return ({ refusal, findings }) =>
    refusal !== undefined && refused.test(refusal) && findings.some((finding) => finding.code === code);
}

export const DIFFERENCES: readonly Difference[] = [
  {
    of: "NetworkPolicy",
    why: "Kubernetes takes a podSelector that is not there for every pod. Who forgot it would protect the wrong pods.",
    explains: stricter(
      "missing-field",
      /has no spec\.$|^spec\.podSelector is (missing|written without a value)\.$/,
    ),
  },
  {
    of: "NetworkPolicy",
    why: "An entry after a dash that was left empty is one without limits to Kubernetes: a rule for everything.",
    explains: stricter("empty-list-item", /allows everything\.$|every TCP port\.$/),
  },
  {
    of: "NetworkPolicy",
    why: "A label without a value is the empty text to Kubernetes, and hardly to the one who wrote app: with nothing behind.",
    explains: stricter("empty-selector-value"),
  },
  {
    of: "NetworkPolicy",
    why: "The same, in the values of matchExpressions.",
    explains: stricter("wrong-type", /\.values\[\d+\] must be text, not nothing\.$/),
  },
  {
    of: "NetworkPolicy",
    why: "Refused since Kubernetes 1.36 in what is new; older servers warn, and what is stored stays in force as it means.",
    explains: milder(/must not have (bits set beyond the prefix length|leading 0s)/, "cidr-not-canonical"),
  },
  {
    of: "pods and namespaces",
    why: "A workload with a wrong selector is refused, but what pods it was to have is plain: we warn, and draw them.",
    explains: milder(/does not match template `labels`|empty selector is invalid/, "selector-mismatch"),
  },
  {
    of: "pods and namespaces",
    why: "A label that a selector asks for without a value is hardly the empty text to the one who wrote it.",
    explains: stricter("empty-selector-value"),
  },
  ...(["NetworkPolicy", "pods and namespaces"] as const).map(
    (of): Difference => ({
      of,
      why: "kubectl reads 80.0 and 8e1 before it sends them, as 80: only who sends the text itself is refused.",
      explains: ({ refusal, findings }) =>
        /cannot unmarshal number -?[0-9.]+([.e][0-9]+)+ into/.test(refusal ?? "") &&
        errorsOf(findings).length === 0,
    }),
  ),
  {
    of: "NetworkPolicy before 1.36",
    why: "Whether IPv4-mapped IPv6 addresses are those of IPv4 is nowhere said, and network plugins differ.",
    explains: stricter("bad-cidr", /IPv4-mapped/),
  },
  {
    of: "ClusterNetworkPolicy",
    why: "A field that is not known may be one of a newer API: the rule fails closed, as the API asks for, with a warning.",
    explains: milder(/unknown field|should have at least 1 properties/, "unknown-matcher"),
  },
  ...(["NetworkPolicy", "ClusterNetworkPolicy"] as const).map(
    (of): Difference => ({
      of,
      why: "A name that is made of generateName is known in a cluster only, and kubectl apply does not take one.",
      explains: stricter("missing-field", /^metadata\.name is missing\.$/),
    }),
  ),
  {
    of: "ClusterNetworkPolicy",
    why: "The definition says nothing of what is in a selector, but no implementation can use one that is wrong.",
    explains: stricter(["bad-label", "unknown-operator", "operator-values", "empty-selector-value"]),
  },
];

export function errorsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter((finding) => finding.severity === "error");
}
