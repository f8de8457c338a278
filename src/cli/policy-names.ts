import type { PolicyName } from "../agent/proxied/policy-target.ts";
import { didYouMean } from "../k8s/suggest.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  type KubeResource,
  NETWORK_POLICIES,
} from "../source/kube/resource.ts";
import { UsageError } from "./usage-error.ts";

/** Resources by the names that kubectl takes: plural, singular, short. */
const RESOURCES: ReadonlyMap<string, KubeResource> = new Map(
  (
    [
      [NETWORK_POLICIES, "networkpolicy", "netpol"],
      [CLUSTER_NETWORK_POLICIES, "clusternetworkpolicy", "cnp"],
      [ADMIN_NETWORK_POLICIES, "adminnetworkpolicy", "anp"],
      [BASELINE_ADMIN_NETWORK_POLICIES, "baselineadminnetworkpolicy", "banp"],
    ] as const
  ).flatMap(([resource, singular, short]) =>
    [resource.plural, singular, short].map((name): [string, KubeResource] => [name, resource]),
  ),
);

const FORMS = "as in netpol/NAME, networkpolicy NAME or cnp/NAME";

/**
 * Policies as kubectl takes them: `netpol/db`, `networkpolicy db web`, `networkpolicies.networking.k8s.io/db`. Throws a
 * UsageError.
 */
export function parsePolicyNames(words: readonly string[], namespace: string): PolicyName[] {
  const [first = "", ...rest] = words;
  if (words.some((word) => word.includes("/"))) {
    const bare = words.find((word) => !word.includes("/"));
    if (bare !== undefined) {
      throw new UsageError(`${bare}: there is no kind in it, and the others have one; write it ${FORMS}`);
    }
    return words.map((word) => fromPair(word, namespace));
  }
  const resource = resourceNamed(first);
  if (rest.length === 0) throw new UsageError(`${first}: which one? Write ${FORMS}`);
  return rest.map((name) => policyName(resource, name, namespace));
}

function fromPair(word: string, namespace: string): PolicyName {
  const [type = "", name = "", ...more] = word.split("/");
  if (more.length > 0 || name === "") {
    const [inner] = more;
    throw new UsageError(
      more.length === 1 && inner !== ""
        ? `${word}: name the namespace apart: -n ${name} ${type}/${inner}`
        : `${word}: cannot read this; write it ${FORMS}`,
    );
  }
  return policyName(resourceNamed(type), name, namespace);
}

function policyName(resource: KubeResource, name: string, namespace: string): PolicyName {
  return resource.namespaced ? { resource, namespace, name } : { resource, name };
}

/** The resource that a word is the name of, as kubectl has it. */
export function policyResource(word: string): KubeResource | undefined {
  return RESOURCES.get(word.toLowerCase().split(".")[0]!);
}

/** Also with its group, and version: `networkpolicies.v1.networking.k8s.io`. */
function resourceNamed(word: string): KubeResource {
  const [head = "", ...tail] = word.toLowerCase().split(".");
  const resource = policyResource(word);
  const suffix = tail.join(".");
  if (resource !== undefined) {
    const { group, version } = resource;
    if (["", group, `${version}.${group}`].includes(suffix)) return resource;
    throw new UsageError(`${word}: podwall knows ${resource.kind} of ${group}/${version} only`);
  }
  const near = didYouMean(head, [...RESOURCES.keys()]);
  throw new UsageError(
    `${word}: no kind of policy that podwall enforces${near === undefined ? "" : `. ${near}`}\n  Write the policy ${FORMS}`,
  );
}
