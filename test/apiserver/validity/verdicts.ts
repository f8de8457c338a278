import type { Finding } from "../../../src/k8s/finding.ts";
import { parseManifests } from "../../../src/k8s/manifests.ts";
import type { KubernetesObject } from "../../../src/k8s/objects.ts";
import type { Answer, Requests } from "../requests.ts";
import type { ManifestText } from "./texts.ts";

/** What both say of a manifest. */
export interface Verdicts {
  /** Why the API server refuses it; undefined if it would store it. */
  readonly refusal: string | undefined;
  /** What the API server would store, with its defaults; undefined if nothing. */
  readonly stored: object | undefined;
  readonly warnings: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * What the API server says of a new policy, which it does not store, and what our reader says. It is sent to the
 * namespace that our reader found in it: a server that finds another one refuses it. What is no policy is sent to
 * `listOfOther`.
 */
export async function verdictsOn(
  requests: Requests,
  manifest: ManifestText,
  listOfOther?: string,
): Promise<Verdicts> {
  const { text, type } = manifest;
  const file = type === "application/json" ? "object.json" : "object.yaml";
  const { objects, findings } = parseManifests([{ file, text }]);
  const list = listOfOther ?? (text.includes(CLUSTER_GROUP) ? CLUSTER_POLICIES : policiesOf(objects[0]));
  const path = `${list}?dryRun=All&fieldValidation=Strict`;
  return { ...verdictOf(await requests.sendText("POST", path, text, type)), findings };
}

const CLUSTER_GROUP = "policy.networking.k8s.io/v1alpha2";
const CLUSTER_POLICIES = `/apis/${CLUSTER_GROUP}/clusternetworkpolicies`;

function policiesOf(object: KubernetesObject | undefined): string {
  const namespace = object !== undefined && "namespace" in object ? object.namespace : "default";
  return `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;
}

function verdictOf({ status, body, warnings }: Answer): Omit<Verdicts, "findings"> {
  if (status === 201) return { refusal: undefined, stored: body as object, warnings };
  const message = typeof body === "object" ? (body as { message?: string }).message : undefined;
  // 400: it cannot be read; 422: it is not valid; 413: it is too large.
  if (![400, 413, 422].includes(status) || message === undefined) {
    throw new Error(`the API server answered ${status}: ${JSON.stringify(body)}`);
  }
  return { refusal: message, stored: undefined, warnings };
}
