import { isMapping } from "../../k8s/check.ts";
import type { KubeClient } from "../../source/kube/client.ts";
import { listAll, METADATA_ONLY } from "../../source/kube/list.ts";
import { NODES, PODS, pathOf } from "../../source/kube/resource.ts";

/** The labels that the agents' pods carry, whatever the objects of an installation are called. */
export const AGENT_SELECTOR = "app.kubernetes.io/name=podwall,app.kubernetes.io/component=agent";

/** Where the manifests put the agents: who may not list the pods of all namespaces may be allowed to list these. */
export const AGENT_NAMESPACE = "podwall-system";

/** The name of the agents' container port. */
export const AGENT_PORT_NAME = "http";

/** A pod that an agent runs in. */
export interface AgentPod {
  readonly namespace: string;
  readonly name: string;
  /** Undefined while it is not scheduled. */
  readonly node: string | undefined;
  /** The number of its port `http`; undefined if it has none of that name. */
  readonly port: number | undefined;
  /** As the kubelet sees it. */
  readonly ready: boolean;
  /** Why nobody can be asked there, in words for people; undefined while its container runs. */
  readonly notRunning: string | undefined;
  /** True if it is being deleted. */
  readonly leaving: boolean;
  /** ISO 8601, UTC. */
  readonly created: string;
}

/** The agents' pods, in all namespaces or in one. Throws a KubeError. */
export async function listAgentPods(
  client: KubeClient,
  namespace?: string,
  signal?: AbortSignal,
): Promise<readonly AgentPod[]> {
  const { taken } = await listAll(client, pathOf(PODS, namespace), {
    query: { labelSelector: AGENT_SELECTOR },
    take: agentPod,
    signal,
  });
  return taken;
}

/** The names of all nodes. Throws a KubeError. */
export async function listNodeNames(client: KubeClient, signal?: AbortSignal): Promise<readonly string[]> {
  const { taken } = await listAll(client, pathOf(NODES), {
    accept: METADATA_ONLY,
    take: ({ metadata }) => (isMapping(metadata) && typeof metadata.name === "string" ? [metadata.name] : []),
    signal,
  });
  return taken;
}

/** Of a pod as the API serves it; none if it has ended for good, as an evicted one. */
export function agentPod({ metadata, spec, status }: Readonly<Record<string, unknown>>): AgentPod[] {
  if (!isMapping(metadata) || !isMapping(spec)) return [];
  const { name, namespace, creationTimestamp, deletionTimestamp } = metadata;
  if (typeof name !== "string" || typeof namespace !== "string") return [];
  const { phase, conditions } = isMapping(status) ? status : {};
  if (phase === "Failed" || phase === "Succeeded") return [];
  const ready = mappings(conditions).find(({ type }) => type === "Ready");
  return [
    {
      namespace,
      name,
      node: typeof spec.nodeName === "string" && spec.nodeName !== "" ? spec.nodeName : undefined,
      port: httpPort(spec.containers),
      ready: ready?.status === "True",
      notRunning: phase === "Running" ? waitingContainer(status) : notStarted(status),
      leaving: typeof deletionTimestamp === "string",
      created: typeof creationTimestamp === "string" ? creationTimestamp : "",
    },
  ];
}

function httpPort(containers: unknown): number | undefined {
  for (const { ports } of mappings(containers)) {
    const found = mappings(ports).find(({ name }) => name === AGENT_PORT_NAME)?.containerPort;
    if (typeof found === "number") return found;
  }
  return undefined;
}

/** `CrashLoopBackOff (back-off 5m0s restarting failed container)`, of a container that is not running. */
function waitingContainer(status: unknown): string | undefined {
  const { containerStatuses } = isMapping(status) ? status : {};
  for (const { state } of mappings(containerStatuses)) {
    const stopped = isMapping(state) ? (state.waiting ?? state.terminated) : undefined;
    if (isMapping(stopped)) return withMessage(stopped.reason, stopped.message);
  }
  return undefined;
}

function notStarted(status: unknown): string {
  const waiting = waitingContainer(status);
  if (waiting !== undefined) return waiting;
  const { conditions } = isMapping(status) ? status : {};
  const failed = mappings(conditions).find(
    ({ type, status: value }) => type === "PodScheduled" && value === "False",
  );
  return failed === undefined ? "it has not started yet" : withMessage(failed.reason, failed.message);
}

function withMessage(reason: unknown, message: unknown): string {
  const word = typeof reason === "string" && reason !== "" ? reason : "not running";
  return typeof message === "string" && message !== "" ? `${word} (${message.trim()})` : word;
}

function mappings(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
