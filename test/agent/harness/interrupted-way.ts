import { writeKubeconfig } from "../../apiserver/kubeconfig.ts";
import { startRelay } from "../../apiserver/relay.ts";
import { type AgentCluster, SERVER_ADDRESS } from "./agent-cluster.ts";
import { AGENT_USER } from "./agent-rights.ts";

/** A way to the API server that can be closed, for agents only: tests go on to reach it. */
export interface InterruptedWay {
  /** By this way. */
  readonly kubeconfig: string;
  /** Connections are refused from now on, and those that stand are reset. */
  close(): void;
  open(): void;
  /** Breaks off the connections that stand; new ones are taken. */
  reset(): void;
}

/**
 * Opens one, at an address outside of the cluster. It ends with the process. `user` has the fields of the kubeconfig's
 * user: that of agents if left out.
 */
export async function openInterruptedWay(
  { server }: AgentCluster,
  user: object = { token: server.tokens[AGENT_USER] },
): Promise<InterruptedWay> {
  const { port } = new URL(server.url);
  const relay = await startRelay({ port: Number(port), host: SERVER_ADDRESS }, { host: SERVER_ADDRESS });
  const url = `https://${SERVER_ADDRESS}:${relay.port}`;
  const kubeconfig = writeKubeconfig(server, "interrupted.kubeconfig", [
    { name: AGENT_USER, user, cluster: { server: url } },
  ]);
  return {
    kubeconfig,
    close: () => relay.refuse(),
    open: () => relay.restore(),
    reset: () => relay.reset(),
  };
}
