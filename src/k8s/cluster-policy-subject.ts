import { addError, addWarning, type Check, isAbsent, isMapping, pathInWords, readMapping } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { readLabelSelector } from "./label-selector.ts";
import type { FieldPath } from "./location.ts";
import type { ClusterPolicySubject, LabelSelector, NamespacedPods } from "./objects.ts";
import { type OneOfFields, readOneOf } from "./one-of.ts";

const PODS: FieldSet = {
  name: "pods",
  fields: ["namespaceSelector", "podSelector"],
  elsewhere: {
    namespaces: "Did you mean namespaceSelector?",
    pods: "Did you mean podSelector?",
    matchLabels: "Put it inside podSelector:.",
    matchExpressions: "Put it inside podSelector:.",
  },
};

const SUBJECT: OneOfFields<"namespaces" | "pods"> = {
  name: "A subject",
  fields: ["namespaces", "pods"],
  severalHelp:
    "For certain pods of certain namespaces, write pods: {namespaceSelector: ..., podSelector: ...}.",
  elsewhere: {
    namespace: "Write namespaces: {matchLabels: {kubernetes.io/metadata.name: NAME}}.",
    podSelector: "Write pods: {namespaceSelector: ..., podSelector: ...}.",
    namespaceSelector: "Write namespaces: ..., or pods: {namespaceSelector: ..., podSelector: ...}.",
    matchLabels: "Put it inside namespaces:.",
    matchExpressions: "Put it inside namespaces:.",
  },
};

/** Reads `spec.subject`; undefined if nobody can say which pods it means. */
export function readSubject(
  check: Check,
  value: unknown,
  path: FieldPath,
  needsNamespaceSelector: boolean,
): ClusterPolicySubject | undefined {
  const help = "Say which pods it is about. For every pod of the cluster, write subject: {namespaces: {}}.";
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: value === null ? "spec.subject is written without a value." : "spec.subject is missing.",
      help,
      part: "key",
    });
  }
  const map = readMapping(check, value, path, () => "Write subject: {namespaces: ...}.");
  if (map === undefined) return undefined;
  const chosen = readOneOf(check, map, path, SUBJECT);
  if (chosen.found === "several") return undefined;
  if (chosen.found === "none") {
    checkFields(check, map, path, SUBJECT);
    addError(check, path, {
      code: "one-of",
      message: "spec.subject has neither namespaces nor pods.",
      help,
      part: "key",
    });
    return undefined;
  }
  if (chosen.field === "namespaces") {
    const namespaces = readNamespaces(check, map.namespaces, [...path, "namespaces"]);
    return namespaces === undefined ? undefined : { namespaces };
  }
  const pods = readNamespacedPods(check, map.pods, [...path, "pods"], needsNamespaceSelector);
  return pods === undefined ? undefined : { pods };
}

/** Reads the selector of `namespaces`. */
export function readNamespaces(check: Check, value: unknown, path: FieldPath): LabelSelector | undefined {
  // The form of network-policy-api before 0.1.2, under the same apiVersion.
  const old = ["namespaceSelector", "sameLabels", "notSameLabels"].find((field) =>
    Object.hasOwn(isMapping(value) ? value : {}, field),
  );
  if (old === undefined) return readLabelSelector(check, value, path);
  addError(check, [...path, old], {
    code: "unknown-field",
    message: `namespaces is a label selector and has no field ${JSON.stringify(old)}.`,
    help:
      old === "namespaceSelector"
        ? "Write the selector right under namespaces: namespaces: {matchLabels: ...}."
        : `${old} was taken out of the API; select the namespaces by their labels.`,
    part: "key",
  });
  return undefined;
}

/** Reads `pods`, that is `NamespacedPod` of the API. */
export function readNamespacedPods(
  check: Check,
  value: unknown,
  path: FieldPath,
  needsNamespaceSelector: boolean,
): NamespacedPods | undefined {
  const map = readMapping(
    check,
    value,
    path,
    () => "Write pods: {namespaceSelector: ..., podSelector: ...}.",
  );
  if (map === undefined) return undefined;
  checkFields(check, map, path, PODS);
  const namespaceSelector = readNamespaceSelector(
    check,
    map.namespaceSelector,
    [...path, "namespaceSelector"],
    needsNamespaceSelector,
  );
  const podPath = [...path, "podSelector"];
  const podSelector = isAbsent(map.podSelector)
    ? reportMissing(check, podPath, "For every pod of the namespaces, write podSelector: {}.")
    : readLabelSelector(check, map.podSelector, podPath);
  if (namespaceSelector === undefined || podSelector === undefined) return undefined;
  return { namespaceSelector, podSelector };
}

/** v1alpha2 does without it, and an absent one is the empty selector then (its Go type is no pointer). */
function readNamespaceSelector(
  check: Check,
  value: unknown,
  path: FieldPath,
  isRequired: boolean,
): LabelSelector | undefined {
  if (!isAbsent(value)) return readLabelSelector(check, value, path);
  const help = "For every namespace, write namespaceSelector: {}.";
  if (isRequired) return reportMissing(check, path, help);
  addWarning(check, path, {
    code: "every-namespace",
    message: `${pathInWords(path)} is missing, which means every namespace.`,
    help: `${help} For some, select them by their labels.`,
    part: "key",
  });
  return {};
}

function reportMissing(check: Check, path: FieldPath, help: string): undefined {
  addError(check, path, {
    code: "missing-field",
    message: `${pathInWords(path)} is missing.`,
    help,
    part: "key",
  });
}
