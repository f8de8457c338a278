import { addError, inWords, isAbsent, isMapping, wrongType } from "./check.ts";
import { groupOf } from "./kinds.ts";
import type { HeadFault } from "./network-policy.ts";
import type { ClusterPolicy } from "./objects.ts";
import { closest, editDistance } from "./suggest.ts";

const GROUP = "policy.networking.k8s.io";

type Kind = ClusterPolicy["kind"];

const API_VERSIONS: Readonly<Record<Kind, string>> = {
  ClusterNetworkPolicy: `${GROUP}/v1alpha2`,
  AdminNetworkPolicy: `${GROUP}/v1alpha1`,
  BaselineAdminNetworkPolicy: `${GROUP}/v1alpha1`,
};

const KINDS = Object.keys(API_VERSIONS) as readonly Kind[];

/** The kind of cluster-wide policy that a value is, or was surely meant to be: then with its fault. */
export interface ClusterPolicyHead {
  readonly kind: Kind;
  readonly fault?: HeadFault;
}

/**
 * Tells the policies of policy.networking.k8s.io from the rest, by apiVersion and kind. What is nearly one, by a typing
 * error, must not be skipped: what it denies would be open.
 */
export function clusterPolicyHead(value: Readonly<Record<string, unknown>>): ClusterPolicyHead | undefined {
  const { apiVersion, kind } = value;
  const exact = KINDS.find((known) => known === kind);
  if (exact !== undefined) {
    if (apiVersion === API_VERSIONS[exact]) return { kind: exact };
    if (typeof apiVersion === "string" && isForeignGroup(groupOf(apiVersion))) return undefined;
    return { kind: exact, fault: apiVersionFault(exact, apiVersion) };
  }
  const isOurs = typeof apiVersion === "string" && groupOf(apiVersion) === GROUP;
  if (typeof kind === "string" && kind !== "") {
    const meant = KINDS.find((known) => known === closest(kind, KINDS));
    if (meant === undefined || !(isOurs || isAbsent(apiVersion))) return undefined;
    return { kind: meant, fault: kindFault(kind, meant) };
  }
  if (!isOurs || !isMapping(value.spec) || !Object.hasOwn(value.spec, "subject")) return undefined;
  return { kind: likelyKind(apiVersion, value.spec), fault: missingKindFault(kind) };
}

/** True for a group of somebody else, such as crd.antrea.io, which has a ClusterNetworkPolicy too. */
function isForeignGroup(group: string): boolean {
  return group.includes(".") && !group.endsWith("k8s.io") && editDistance(group, GROUP) > 2;
}

function likelyKind(apiVersion: string, spec: Readonly<Record<string, unknown>>): Kind {
  if (apiVersion !== API_VERSIONS.AdminNetworkPolicy || Object.hasOwn(spec, "tier"))
    return "ClusterNetworkPolicy";
  return Object.hasOwn(spec, "priority") ? "AdminNetworkPolicy" : "BaselineAdminNetworkPolicy";
}

function kindFault(kind: string, meant: Kind): HeadFault {
  return (check) =>
    addError(check, ["kind"], {
      code: "unknown-value",
      message: `${GROUP} has no kind ${inWords(kind)}.`,
      help: `Did you mean ${meant}?`,
    });
}

function missingKindFault(kind: unknown): HeadFault {
  return (check) => {
    const help = `Write kind: and one of ${KINDS.join(", ")}.`;
    if (!isAbsent(kind) && kind !== "") wrongType(check, kind, ["kind"], "text", help);
    else
      addError(check, ["kind"], {
        code: "missing-field",
        message: "This looks like a policy of the whole cluster, but it has no kind.",
        help,
      });
  };
}

function apiVersionFault(kind: Kind, apiVersion: unknown): HeadFault {
  return (check) => {
    const help = `apiVersion: ${API_VERSIONS[kind]}.`;
    if (isAbsent(apiVersion) || apiVersion === "") {
      addError(check, ["apiVersion"], {
        code: "missing-field",
        message: `The ${kind} has no apiVersion.`,
        help: `Add ${help}`,
      });
    } else if (typeof apiVersion === "symbol") {
      check.errors++;
    } else {
      addError(check, ["apiVersion"], {
        code: "unsupported-version",
        message: `There is no ${kind} of apiVersion ${inWords(apiVersion)} that is known here.`,
        help: `Use ${help}`,
      });
    }
  };
}
