import { writeKubeconfig } from "../../apiserver/kubeconfig.ts";
import { startRelay } from "../../apiserver/relay.ts";
import { type AgentCluster, SERVER_ADDRESS } from "./agent-cluster.ts";
import { AGENT_USER } from "./agent-rights.ts";

/** A way to the API server that can be closed, for agents only: tests go on to reach it. */
export interface InterruptedWay {
  /** Of the agents' user, by this way. */
  readonly kubeconfig: string;
  /** Connections are refused from now on, and those that stand are reset. */
  close(): void;
  open(): void;
}

/** Opens one, at an address outside of the cluster. It ends with the process. */
export async function openInterruptedWay({ server }: AgentCluster): Promise<InterruptedWay> {
  const { port } = new URL(server.url);
  const relay = await startRelay({ port: Number(port), host: SERVER_ADDRESS }, { host: SERVER_ADDRESS });
  const url = `https://${SERVER_ADDRESS}:${relay.port}`;
  const kubeconfig = writeKubeconfig(server, "interrupted.kubeconfig", [
    { name: AGENT_USER, user: { token: server.tokens[AGENT_USER] }, cluster: { server: url } },
  ]);
  return { kubeconfig, close: () => relay.refuse(), open: () => relay.restore() };
}
