import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { enterNamespace } from "../../../src/linux/netns.ts";
import { grant, namespace } from "../../apiserver/cluster-objects.ts";
import { writeKubeconfig } from "../../apiserver/kubeconfig.ts";
import { type ApiObject, createObjects, listPath } from "../../apiserver/objects.ts";
import type { Requests } from "../../apiserver/requests.ts";
import { type ApiServer, startApiServer } from "../../apiserver/start.ts";
import { type AgentPlace, type AgentProcess, lastLines, startAgentProcess } from "./agent-process.ts";
import { AGENT_USER, agentRules } from "./agent-rights.ts";
import { type Guard, type GuardedPairs, startGuard } from "./guard.ts";
import { type Kubelet, startKubelet } from "./kubelet.ts";
import { type LabSite, openLabSite } from "./lab-site.ts";
import { kernelDifferences, readModel } from "./model.ts";
import { nodeObject, nodeStatus, type TestNode, testNode } from "./nodes.ts";
import { createReach, type Reach } from "./reach.ts";
import { createTraffic, type Traffic } from "./traffic.ts";
import { Hopeless, waitUntilNone } from "./wait-for.ts";

export interface AgentClusterOptions {
  /** Names of nodes. */
  readonly nodes: readonly string[];
  /** Addresses outside of the cluster, besides those of the API server. */
  readonly externals?: readonly string[];
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
}

/** A cluster of a real API server, and nodes and pods that are namespaces; agents are started as wanted. */
export interface AgentCluster {
  readonly nodes: ReadonlyMap<string, TestNode>;
  readonly network: LabNetwork;
  readonly site: LabSite;
  readonly server: ApiServer;
  /** As the administrator. */
  readonly api: Requests;
  /** A kubeconfig of the administrator's. */
  readonly kubeconfig: string;
  readonly kubelet: Kubelet;
  readonly reach: Reach;
  readonly traffic: Traffic;
  /** Creates objects, with namespaces that are not there yet. */
  create(...objects: readonly ApiObject[]): Promise<void>;
  /** Replaces fields of an object (merge patch). */
  patch(object: ApiObject, patch: object): Promise<void>;
  delete(...objects: readonly ApiObject[]): Promise<void>;
  /** Deletes an empty namespace, as its controller does: it is terminating first, and then gone. */
  deleteNamespace(name: string): Promise<void>;
  /** Gives a node another number, and so other addresses of its own: the machine first, then the API. Its pods stay. */
  readdress(node: string, number: number): Promise<void>;
  /** Starts packets that are watched: see {@link startGuard}. */
  guard(pairs: GuardedPairs): Promise<Guard>;
  /** Starts an agent on a node, or another one after the last has ended; nothing is waited for. */
  startAgent(node: string, options?: StartAgentOptions): AgentProcess;
  /** The agent that was started last on a node. */
  agent(node: string): AgentProcess;
  /** The folder that the agents of a node keep their state in. */
  stateFolder(node: string): string;
  /** Waits until every node's agent is ready, and its kernel does what the API server's objects say. */
  agreed(options?: { readonly patience?: number }): Promise<void>;
  /** Says something that a reader of the test's output may want to know. */
  note(text: string): void;
  takeNotes(): string[];
  /** What the agents say of themselves, for whoever looks for the reason of a failure. */
  diagnostics(): Promise<string>;
  close(): Promise<void>;
}

export interface StartAgentOptions {
  readonly args?: readonly string[];
  /** Another kubeconfig than that of the agents' user. */
  readonly kubeconfig?: string;
  /** See {@link AgentPlace.program}. */
  readonly program?: string;
  /** See {@link AgentPlace.startedBy}. */
  readonly startedBy?: readonly string[];
}

/** Where the API server is, outside of the cluster. */
export const SERVER_ADDRESS = "192.0.2.10";
/** An address outside, in both families. */
export const OUTSIDE = "192.0.2.20";
export const OUTSIDE_IPV6 = "2001:db8::20";

/**
 * Opens it. From then on the process is outside of the cluster's nodes, in the namespace of the API server, as a laptop
 * is: whatever it opens is there.
 */
export async function openAgentCluster(options: AgentClusterOptions): Promise<AgentCluster> {
  const nodes = new Map(options.nodes.map((name, i) => [name, testNode(name, i + 1)]));
  const externals = [SERVER_ADDRESS, OUTSIDE, OUTSIDE_IPV6, ...(options.externals ?? [])];
  const site = await openLabSite([...nodes.values()], externals);
  const { network } = site;
  const leave = enterNamespace(network.namespaceOf(SERVER_ADDRESS));
  const server = await startApiServer({
    address: SERVER_ADDRESS,
    users: [{ name: AGENT_USER }],
    ...(options.flags === undefined ? {} : { flags: options.flags }),
  });
  const api = server.requests;
  await createObjects(api, [...grant(AGENT_USER, agentRules()), ...[...nodes.values()].map(nodeObject)]);

  const kubeconfigOf = (user: string): string =>
    writeKubeconfig(server, `${user}.kubeconfig`, [{ name: user, user: { token: server.tokens[user] } }]);
  const kubeconfig = kubeconfigOf("admin");
  const agentKubeconfig = kubeconfigOf(AGENT_USER);
  const agents = new Map<string, AgentProcess>();
  const namespaces = new Set(["default", "kube-system"]);
  const notes: string[] = [];
  const traffic = createTraffic(network);
  const kubelet = startKubelet(api, site, nodes);
  // The server's folder goes at the end, with the logs of whoever has not named another one.
  const logs = process.env.PODWALL_AGENT_LOGS ?? server.folder;
  const logOf = (node: string): string => join(logs, `agent-${node}.log`);

  const createNamespaces = async (objects: readonly ApiObject[]): Promise<void> => {
    const given = objects.filter(({ kind }) => kind === "Namespace");
    for (const { metadata } of given) namespaces.add(metadata.name);
    const named = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    const missing = [...named].filter((name) => !namespaces.has(name));
    for (const name of missing) namespaces.add(name);
    await createObjects(api, [...given, ...missing.map((name) => namespace(name))]);
  };

  const cluster: AgentCluster = {
    nodes,
    network,
    site,
    server,
    api,
    kubeconfig,
    kubelet,
    reach: createReach(network),
    traffic,
    async create(...objects) {
      await createNamespaces(objects);
      await createObjects(
        api,
        objects.filter(({ kind }) => kind !== "Namespace"),
      );
    },
    async patch(object, patch) {
      await api.must("PATCH", `${listPath(object)}/${object.metadata.name}`, patch);
    },
    async delete(...objects) {
      for (const object of objects) await api.must("DELETE", `${listPath(object)}/${object.metadata.name}`);
    },
    async deleteNamespace(name) {
      const path = `/api/v1/namespaces/${name}`;
      await api.must("DELETE", path);
      const terminating = (await api.must("GET", path)) as { spec: object };
      await api.must("PUT", `${path}/finalize`, { ...terminating, spec: { finalizers: [] } });
      namespaces.delete(name);
    },
    async readdress(name, number) {
      const { addresses } = testNode(name, number);
      nodes.set(name, { ...nodes.get(name)!, addresses });
      await site.readdress(name, addresses);
      await api.must("PATCH", `/api/v1/nodes/${name}/status`, { status: nodeStatus(name, addresses) });
      await kubelet.readdressed(name);
    },
    guard: (pairs) => startGuard(network, traffic, pairs),
    startAgent(node, { args = [], kubeconfig: other, program, startedBy = [] } = {}) {
      const before = agents.get(node);
      if (before !== undefined && before.ended() === undefined) {
        throw new Error(`the agent of node ${node} still runs`);
      }
      const state = cluster.stateFolder(node);
      mkdirSync(state, { recursive: true });
      const place: AgentPlace = {
        node,
        address: () => nodes.get(node)!.addresses[0],
        namespace: network.namespaceOf(`node:${node}`),
        kubeconfig: other ?? agentKubeconfig,
        state,
        log: logOf(node),
        args,
        startedBy,
        ...(program === undefined ? {} : { program }),
      };
      const agent = startAgentProcess(place);
      agents.set(node, agent);
      return agent;
    },
    agent(node) {
      const agent = agents.get(node);
      if (agent === undefined) throw new Error(`no agent was started on node ${node}`);
      return agent;
    },
    stateFolder: (node) => join(server.folder, `state-${node}`),
    async agreed({ patience } = {}) {
      const disagreement = async (): Promise<string | undefined> => {
        const model = await readModel(kubeconfig);
        for (const [node, agent] of agents) {
          const ended = agent.ended();
          if (ended !== undefined) throw new Hopeless(`the agent of node ${node}: ${ended}`);
          const differences = await kernelDifferences(network, node, model);
          if (differences.length > 0) return `node ${node}: ${JSON.stringify(differences.slice(0, 10))}`;
          const { status, text } = await agent.get("/readyz");
          if (status !== 200) return `node ${node} is not ready: ${text}`;
        }
        return undefined;
      };
      await waitUntilNone("every node's kernel is as the API says", disagreement, patience);
    },
    note: (text) => void notes.push(text),
    takeNotes: () => notes.splice(0),
    async diagnostics() {
      const parts: string[] = [];
      for (const [node, agent] of agents) {
        const status = await agent.get("/v1/status").catch((error: unknown) => ({ text: String(error) }));
        parts.push(`--- agent of node ${node}: ${agent.ended() ?? "it runs"}\n${status.text}`);
        parts.push(lastLines(logOf(node), 40));
      }
      return parts.join("\n");
    },
    async close() {
      await traffic.stopAll();
      await Promise.all([...agents.values()].map((agent) => agent.kill()));
      await server.stop();
      leave();
      await network.close();
    },
  };
  return cluster;
}
