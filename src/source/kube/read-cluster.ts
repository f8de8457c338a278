import type { Finding } from "../../k8s/finding.ts";
import type { KubernetesObject } from "../../k8s/objects.ts";
import type { KubeClient } from "./client.ts";
import { FORBIDDEN, forbiddenFinding, type Refusal } from "./forbidden.ts";
import { KubeError } from "./kube-error.ts";
import { listAll } from "./list.ts";
import { parseLive } from "./live-object.ts";
import { otherPolicyFindings } from "./other-policies.ts";
import { installedPolicyKinds } from "./policy-kinds.ts";
import { type PolicyNeeds, policyNeeds } from "./policy-needs.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  type KubeResource,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PODS,
  pathOf,
} from "./resource.ts";

/** What to read of a cluster, and how. */
export interface ReadClusterOptions {
  /** The namespaces that the question is about: read alone where the whole cluster may not be. */
  readonly namespaces?: readonly string[];
  /** Items a page. */
  readonly pageSize?: number;
  /** Told after every page how many of a resource have been read. */
  readonly onProgress?: (resource: KubeResource, items: number) => void;
  readonly signal?: AbortSignal;
}

/** The objects of a cluster that policies depend on. */
export interface LiveObjects {
  readonly objects: readonly KubernetesObject[];
  /**
   * What is wrong with objects, and what may not be read (code {@link FORBIDDEN}): an error where the answer would be
   * another one, a warning where it is the same but for what the warning says.
   */
  readonly findings: readonly Finding[];
  /** Set if pods or policies of these namespaces only could be read. */
  readonly onlyNamespaces?: readonly string[];
}

const CONSEQUENCES: ReadonlyMap<KubeResource, string> = new Map([
  [NETWORK_POLICIES, "Without them pods would look open that are not."],
  [PODS, "Without them nobody knows who is there."],
  [CLUSTER_NETWORK_POLICIES, "They may allow or deny anything, before and after all others."],
  [ADMIN_NETWORK_POLICIES, "They may allow or deny anything, before all others."],
  [BASELINE_ADMIN_NETWORK_POLICIES, "They may deny what no NetworkPolicy speaks of."],
]);

/**
 * Reads a cluster. What may not be read becomes a finding; once something is missing that the answer depends on, no
 * more than a look is taken at the rest, so that all that is missing is said at once. Throws a {@link KubeError} if
 * the server cannot be asked.
 */
export async function readCluster(
  client: KubeClient,
  options: ReadClusterOptions = {},
): Promise<LiveObjects> {
  const reading: Reading = { client, options, objects: [], findings: [], isRefused: false, isPartial: false };
  const needs = { namespaceLabels: false, nodes: false };
  const noteNeeds = (item: Readonly<Record<string, unknown>>): void => {
    const more: PolicyNeeds = policyNeeds(item.spec);
    needs.namespaceLabels ||= more.namespaceLabels;
    needs.nodes ||= more.nodes;
  };

  await readOrRefuse(reading, NETWORK_POLICIES, noteNeeds);
  const kinds = await installedPolicyKinds(client, options.signal);
  reading.findings.push(...kinds.findings);
  for (const resource of kinds.known) await readOrRefuse(reading, resource, noteNeeds);
  await readNodes(reading, needs.nodes);
  await readOrRefuse(reading, PODS);
  // Last, so that the namespace of every pod is among them.
  await readNamespaces(reading, needs.namespaceLabels);
  reading.findings.push(...(await otherPolicyFindings(client, kinds.others, options.signal)));
  const { objects, findings } = reading;
  if (!reading.isPartial) return { objects, findings };
  const onlyNamespaces = options.namespaces!;
  // Pods without their policies, or policies without their pods, would be half the truth.
  const isWhole = (object: KubernetesObject): boolean =>
    !("namespace" in object) || onlyNamespaces.includes(object.namespace);
  return { objects: objects.filter(isWhole), findings, onlyNamespaces };
}

interface Reading {
  readonly client: KubeClient;
  readonly options: ReadClusterOptions;
  readonly objects: KubernetesObject[];
  readonly findings: Finding[];
  /** True once something is missing that the answer depends on. */
  isRefused: boolean;
  /** True once something could be read of some namespaces only. */
  isPartial: boolean;
}

type OnItem = (item: Readonly<Record<string, unknown>>) => void;

async function readOrRefuse(reading: Reading, resource: KubeResource, onItem?: OnItem): Promise<void> {
  const refusal = await read(reading, resource, onItem);
  if (refusal === undefined) return;
  refuse(reading, refusal, "error", CONSEQUENCES.get(resource)!);
}

async function readNodes(reading: Reading, areChosen: boolean): Promise<void> {
  const refusal = await read(reading, NODES);
  if (refusal === undefined) return;
  if (areChosen) {
    refuse(reading, refusal, "error", "A policy of the cluster chooses nodes by their labels.");
  } else {
    const consequence =
      "Addresses of nodes are taken from the pods that run there: further addresses of a node count as outside.";
    refuse(reading, refusal, "warning", consequence);
  }
}

async function readNamespaces(reading: Reading, labelsMatter: boolean): Promise<void> {
  const refusal = reading.isPartial
    ? await readNamedNamespaces(reading, reading.options.namespaces!)
    : await read(reading, NAMESPACES);
  // Without their labels every namespace still has its name, which pods and policies tell.
  if (refusal === undefined || !labelsMatter) return;
  refuse(reading, refusal, "error", "Policies choose namespaces by labels, which nobody knows without them.");
}

function refuse(
  reading: Reading,
  refusal: Refusal,
  severity: Finding["severity"],
  consequence: string,
): void {
  reading.findings.push(forbiddenFinding(refusal, reading.client.context, severity, consequence));
  if (severity === "error") reading.isRefused = true;
}

/** Reads a resource: of the whole cluster, or of the namespaces in question if that is all that is allowed. */
async function read(reading: Reading, resource: KubeResource, onItem?: OnItem): Promise<Refusal | undefined> {
  const refusal = await readList(reading, resource, undefined, onItem);
  const { namespaces } = reading.options;
  if (refusal === undefined || !resource.namespaced || namespaces === undefined) return refusal;
  const refused: Refusal[] = [];
  for (const namespace of namespaces) {
    const inNamespace = await readList(reading, resource, namespace, onItem);
    if (inNamespace !== undefined) refused.push(inNamespace);
  }
  if (refused.length === 0) {
    reading.isPartial = true;
    return undefined;
  }
  return { ...refused[0]!, namespaces: refused.flatMap((each) => each.namespaces ?? []) };
}

async function readList(
  { client, options, objects, findings, isRefused }: Reading,
  resource: KubeResource,
  namespace: string | undefined,
  onItem: OnItem | undefined,
): Promise<Refusal | undefined> {
  const path = pathOf(resource, namespace);
  const { signal, pageSize, onProgress } = options;
  try {
    if (isRefused) {
      await client.get(path, { limit: 1 }, signal);
      return undefined;
    }
    const list = await listAll(client, path, {
      take: (item) => {
        onItem?.(item);
        return [parseLive(item, resource, client.context.name)];
      },
      signal,
      ...(pageSize === undefined ? {} : { pageSize }),
      onProgress: (items) => onProgress?.(resource, items),
    });
    for (const parsed of list.taken) {
      for (const object of parsed.objects) objects.push(object);
      for (const finding of parsed.findings) findings.push(finding);
    }
    return undefined;
  } catch (error) {
    return refusalOf(error, resource, namespace);
  }
}

/** Namespaces one by one: who may not list them may often read those they work in. */
async function readNamedNamespaces(
  { client, options, objects, findings }: Reading,
  names: readonly string[],
): Promise<Refusal | undefined> {
  for (const name of names) {
    try {
      const item = await client.get(`${pathOf(NAMESPACES)}/${encodeURIComponent(name)}`, {}, options.signal);
      const parsed = parseLive(item as Readonly<Record<string, unknown>>, NAMESPACES, client.context.name);
      objects.push(...parsed.objects);
      findings.push(...parsed.findings);
    } catch (error) {
      if (error instanceof KubeError && error.code === "not-found") continue;
      return { ...refusalOf(error, NAMESPACES, undefined), names };
    }
  }
  return undefined;
}

/** Throws what is no refusal. */
function refusalOf(error: unknown, resource: KubeResource, namespace: string | undefined): Refusal {
  if (!(error instanceof KubeError) || error.code !== "forbidden") throw error;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    words: error.message,
  };
}
