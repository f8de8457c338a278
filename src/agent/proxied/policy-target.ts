import { isMapping } from "../../k8s/check.ts";
import type { KubeClient } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { fullNameOf, type KubeResource, pathOf } from "../../source/kube/resource.ts";
import type { PolicyVersion } from "../agent-status.ts";

/** A policy by its name. */
export interface PolicyName {
  readonly resource: KubeResource;
  /** Of kinds that live in namespaces. */
  readonly namespace?: string;
  readonly name: string;
}

const ONE_METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** `NetworkPolicy shop/db`: what agents call it. */
export function policyIdOf({ resource, namespace, name }: PolicyName): string {
  return `${resource.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The version of a policy that the API server holds; undefined if there is no such policy. Throws a KubeError. */
export async function readPolicyVersion(
  client: KubeClient,
  { resource, namespace, name }: PolicyName,
  signal?: AbortSignal,
): Promise<PolicyVersion | undefined> {
  const path = `${pathOf(resource, namespace)}/${encodeURIComponent(name)}`;
  let object: unknown;
  try {
    object = await client.get(path, {}, signal, ONE_METADATA_ONLY);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    // Of a kind that is not installed it says something else.
    if (error.code === "not-found" && error.message.includes(`"${name}" not found`)) return undefined;
    if (error.code === "not-found") throw notInstalled(error, resource);
    throw error.code === "forbidden" ? forbidden(error, resource, namespace) : error;
  }
  const metadata = isMapping(object) ? object.metadata : undefined;
  const { uid, generation, resourceVersion } = isMapping(metadata) ? metadata : {};
  if (typeof uid !== "string" || typeof resourceVersion !== "string") {
    throw new KubeError(
      "server",
      `${client.context.server}${path} answers with something that is no object.`,
    );
  }
  return { uid, resourceVersion, ...(typeof generation === "number" ? { generation } : {}) };
}

function notInstalled(cause: KubeError, { kind, group, version }: KubeResource): KubeError {
  return new KubeError(
    "not-found",
    `The cluster has no ${kind} of ${group}/${version}: its custom resource definition is not installed.`,
    undefined,
    { cause },
  );
}

function forbidden(cause: KubeError, resource: KubeResource, namespace: string | undefined): KubeError {
  const { group, plural } = resource;
  const role = namespace === undefined ? "ClusterRole" : `Role in ${namespace}`;
  return new KubeError(
    "forbidden",
    `You may not get ${fullNameOf(resource)}${namespace === undefined ? "" : ` in namespace ${namespace}`}: ${cause.message}.`,
    `Ask for a ${role} with the rule {apiGroups: ["${group}"], resources: ["${plural}"], verbs: ["get"]}.`,
    { cause },
  );
}

/**
 * Whether a version is another one or one after it, of the same object. The API's generation does not change with
 * annotations, which audit mode is one of; resource versions do, and are numbers that grow wherever etcd stores them.
 */
export function isAtLeast(have: PolicyVersion, want: PolicyVersion): boolean {
  if (have.uid !== want.uid) return false;
  if (have.resourceVersion === want.resourceVersion) return true;
  if (isDecimal(have.resourceVersion) && isDecimal(want.resourceVersion)) {
    return BigInt(have.resourceVersion) > BigInt(want.resourceVersion);
  }
  return (have.generation ?? 0) > (want.generation ?? 0);
}

function isDecimal(text: string): boolean {
  return /^[0-9]+$/.test(text);
}
