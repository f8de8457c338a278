import { AGENT_NAMESPACE } from "../agent/proxied/agent-pods.ts";
import { createKubeClient, type KubeClient } from "../source/kube/client.ts";
import { FORBIDDEN } from "../source/kube/forbidden.ts";
import { KubeError } from "../source/kube/kube-error.ts";
import { loadContext } from "../source/kube/kubeconfig.ts";
import { UsageError } from "./usage-error.ts";

/** The options of commands that ask the agents of a running cluster. */
export interface ClusterOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly agentNamespace?: string;
}

/** Runs something with the API server of a context. What goes wrong on the way to it is a {@link UsageError}. */
export async function withCluster<T>(
  options: ClusterOptions,
  run: (client: KubeClient) => Promise<T>,
): Promise<T> {
  try {
    const client = createKubeClient(await loadContext(options));
    try {
      return await run(client);
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const help = error.help ?? (error.code === FORBIDDEN ? podsHelp(error.message, options) : undefined);
    throw new UsageError(help === undefined ? error.message : `${error.message}\n  ${help}`);
  }
}

/** What to do where the agents cannot be looked for. */
function podsHelp(words: string, { agentNamespace }: ClusterOptions): string | undefined {
  if (!/cannot list resource "pods"/.test(words)) return undefined;
  const home = agentNamespace ?? AGENT_NAMESPACE;
  const ask = `Ask for the ClusterRole podwall-viewer, which comes with podwall, to be bound to you, or for a Role in ${home} with the rules {apiGroups: [""], resources: ["pods"], verbs: ["list"]} and {apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"]}.`;
  return agentNamespace === undefined
    ? `Nor those of ${AGENT_NAMESPACE}. If the agents are in another namespace whose pods you may list: --agent-namespace NAME.\n  ${ask}`
    : ask;
}

/** A signal that is aborted by Ctrl-C and by SIGTERM, for as long as `run` takes. */
export async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.on("SIGINT", stop).on("SIGTERM", stop);
  // A reader that has seen enough ends it too.
  process.stdout.on("error", stop);
  try {
    return await run(abort.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    process.stdout.off("error", stop);
  }
}
