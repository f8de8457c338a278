import { addError, inWords, isAbsent, isMapping, wrongType } from "./check.ts";
import { setValueFix } from "./input-fixes.ts";
import { groupOf, OTHER_NETWORKING_KINDS } from "./kinds.ts";
import type { HeadFault } from "./network-policy.ts";
import { closest, editDistance } from "./suggest.ts";

const GROUP = "networking.k8s.io";
const API_VERSION = `${GROUP}/v1`;

/** What a value is, judged as a NetworkPolicy by its apiVersion and kind alone. */
export type PolicyHead =
  /** A NetworkPolicy, or what was surely meant to be one: then with its fault. */
  { readonly isPolicy: true; readonly fault?: HeadFault } | { readonly isPolicy: false };

/**
 * Tells NetworkPolicies from the rest. What is nearly one, by a typing error, must not be skipped as a kind that
 * nobody knows: its pods would be open.
 */
export function policyHead(value: Readonly<Record<string, unknown>>): PolicyHead {
  const { apiVersion, kind } = value;
  if (kind === "NetworkPolicy") return headOfPolicy(apiVersion);
  if (typeof kind === "string" && kind !== "") {
    const isNetworking = typeof apiVersion === "string" && groupOf(apiVersion) === GROUP;
    const isOther = isNetworking && OTHER_NETWORKING_KINDS.includes(kind.replace(/List$/, ""));
    const isTypo = (looksLikePolicy(value) || isAbsent(apiVersion)) && isNearlyPolicy(kind);
    if ((!isNetworking || isOther) && !isTypo) return { isPolicy: false };
    return { isPolicy: true, fault: unknownKind(kind) };
  }
  if (!looksLikePolicy(value)) return { isPolicy: false };
  return {
    isPolicy: true,
    fault: (check) => {
      if (isAbsent(kind) || kind === "") {
        addError(check, ["kind"], {
          code: "missing-field",
          message: "This looks like a NetworkPolicy, but it has no kind.",
          help: "Add kind: NetworkPolicy.",
        });
      } else {
        wrongType(check, kind, ["kind"], "text", "Write kind: NetworkPolicy.");
      }
      reportApiVersion(apiVersion)(check);
    },
  };
}

function isNearlyPolicy(kind: string): boolean {
  return closest(kind, ["NetworkPolicy"]) !== undefined;
}

/** True if it has what only NetworkPolicies have. */
export function looksLikePolicy(value: Readonly<Record<string, unknown>>): boolean {
  return isMapping(value.spec) && Object.hasOwn(value.spec, "podSelector");
}

function headOfPolicy(apiVersion: unknown): PolicyHead {
  if (apiVersion === API_VERSION) return { isPolicy: true };
  if (typeof apiVersion === "string" && isForeignGroup(groupOf(apiVersion))) return { isPolicy: false };
  return { isPolicy: true, fault: reportApiVersion(apiVersion) };
}

/** True for a group of somebody else (crd.projectcalico.org), not of Kubernetes, nor misspelt. */
function isForeignGroup(group: string): boolean {
  return group.includes(".") && !group.endsWith("k8s.io") && editDistance(group, GROUP) > 2;
}

function unknownKind(kind: string): HeadFault {
  return (check) => {
    addError(check, ["kind"], {
      code: "unknown-value",
      message: `${GROUP} has no kind ${inWords(kind)}.`,
      help:
        closest(kind, ["NetworkPolicy"]) === undefined
          ? "If it is a network policy, write kind: NetworkPolicy."
          : "Did you mean NetworkPolicy?",
    });
  };
}

function reportApiVersion(apiVersion: unknown): HeadFault {
  return (check) => {
    if (apiVersion === API_VERSION) return;
    if (isAbsent(apiVersion) || apiVersion === "") {
      addError(check, ["apiVersion"], {
        code: "missing-field",
        message: "The NetworkPolicy has no apiVersion.",
        help: `Add apiVersion: ${API_VERSION}.`,
      });
    } else if (apiVersion === "extensions/v1beta1") {
      addError(check, ["apiVersion"], {
        code: "unsupported-version",
        message: "NetworkPolicy of extensions/v1beta1 is gone since Kubernetes 1.16.",
        help: `Use apiVersion: ${API_VERSION}.`,
        // The fields are the same; only the name of the API was another.
        fix: setValueFix(check, ["apiVersion"], API_VERSION, true),
      });
    } else if (typeof apiVersion === "symbol") {
      check.errors++;
    } else {
      addError(check, ["apiVersion"], {
        code: "unsupported-version",
        message: `There is no NetworkPolicy of apiVersion ${inWords(apiVersion)}.`,
        help: `Use apiVersion: ${API_VERSION}.`,
        fix:
          typeof apiVersion === "string" ? setValueFix(check, ["apiVersion"], API_VERSION, false) : undefined,
      });
    }
  };
}
