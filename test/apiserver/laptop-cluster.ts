// A cluster whose agents are reached through a real API server. It forwards to no loopback address, so this is for a
// network namespace of its own: addresses are added to its `lo`.
import { createServer, type Server } from "node:net";
import { AGENT_NAMESPACE } from "../../src/agent/proxied/agent-pods.ts";
import { runInNamespace } from "../../src/linux/command.ts";
import { podwall, type RunResult } from "../cli/run-podwall.ts";
import { clusterRoleRules } from "../deploy/manifests.ts";
import { grant, mayList, namespace, node, type Rule } from "./cluster-objects.ts";
import { type IdleAgent, idleAgent } from "./idle-agent.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects } from "./objects.ts";

import { type ApiServer, startApiServer } from "./start.ts";

const PROXY: Rule = { apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"] };
const POLICIES: Rule = { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get"] };

const RIGHTS: readonly ApiObject[] = [
  // What comes with podwall for people is enough.
  ...grant("viewer", clusterRoleRules("podwall-viewer")),
  ...grant("no-proxy", [mayList("", "pods", "nodes"), POLICIES]),
  ...grant("no-nodes", [mayList("", "pods"), PROXY, POLICIES]),
  ...grant("one-namespace", [mayList("", "pods"), PROXY], AGENT_NAMESPACE),
];

export interface LaptopCluster {
  readonly server: ApiServer;
  readonly kubeconfig: string;
  /** By node; they are well until a test says otherwise. */
  readonly agents: { readonly one: IdleAgent; readonly two: IdleAgent };
  as(user: string, ...args: readonly string[]): Promise<RunResult>;
  /** Adds a node, and the pod of an agent on it; without a port the pod has no such port. */
  addNode(name: string): Promise<void>;
  addAgentPod(nodeName: string, address: string, port: number, fields?: PodFields): Promise<void>;
  stop(): Promise<void>;
}

export interface PodFields {
  readonly ready?: boolean;
  readonly status?: object;
  readonly portName?: string;
}

/** An API server with agents on the nodes `one` and `two`; what else there is, a test adds. */
export async function startLaptopCluster(): Promise<LaptopCluster> {
  const ip = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await runInNamespace(undefined, ["ip", ...args], undefined);
    if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
  };
  await ip("link", "set", "lo", "up");
  for (let i = 1; i <= 9; i++) await ip("address", "add", `10.9.0.${i}/32`, "dev", "lo");

  const users = ["viewer", "no-proxy", "no-nodes", "one-namespace", "nobody"];
  const server = await startApiServer({ users: users.map((name) => ({ name })) });
  const { requests } = server;
  await createObjects(requests, [namespace(AGENT_NAMESPACE), namespace("shop")]);
  await createObjects(requests, RIGHTS);
  const kubeconfig = writeKubeconfig(
    server,
    "config",
    ["admin", ...users].map((name) => ({ name, user: { token: server.tokens[name] }, namespace: "shop" })),
  );
  const agents = {
    one: await idleAgent("10.9.0.1", "one"),
    two: await idleAgent("10.9.0.2", "two"),
  };
  const addNode = (name: string): Promise<void> => createObjects(requests, [node(name, "192.0.2.9")]);
  const addAgentPod: LaptopCluster["addAgentPod"] = (nodeName, address, port, fields) =>
    createObjects(requests, [agentPod(nodeName, address, port, fields)]);
  for (const [name, agent] of Object.entries(agents)) {
    await addNode(name);
    await addAgentPod(name, name === "one" ? "10.9.0.1" : "10.9.0.2", agent.port);
  }
  return {
    server,
    kubeconfig,
    agents,
    as: (user, ...args) => podwall([...args, "--kubeconfig", kubeconfig, "--context", user]),
    addNode,
    addAgentPod,
    async stop() {
      for (const agent of Object.values(agents)) await agent.close();
      await server.stop();
    },
  };
}

/** The pod of an agent, as the DaemonSet makes it. */
export function agentPod(
  nodeName: string,
  address: string,
  port: number,
  { ready = true, status = {}, portName = "http" }: PodFields = {},
): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `podwall-${nodeName}`,
      namespace: AGENT_NAMESPACE,
      labels: { "app.kubernetes.io/name": "podwall", "app.kubernetes.io/component": "agent" },
    },
    spec: {
      nodeName,
      hostNetwork: true,
      containers: [
        {
          name: "agent",
          image: "example/none",
          ports: [
            { name: "other", containerPort: 1, hostPort: 1 },
            { name: portName, containerPort: port, hostPort: port },
          ],
        },
      ],
    },
    status: {
      phase: "Running",
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      ...status,
    },
  };
}

/** Something that takes connections and never answers. */
export async function silentServer(address: string): Promise<{ port: number; close: () => void }> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}
