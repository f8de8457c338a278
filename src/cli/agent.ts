import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { createAgent } from "../agent/agent.ts";
import { createTelemetry } from "../agent/telemetry/create-telemetry.ts";
import { createPolicyEvents } from "../agent/telemetry/events/policy-events.ts";
import { openLogStream } from "../agent/telemetry/log-stream.ts";
import { createLogger } from "../agent/telemetry/logger.ts";
import { type AgentServer, openAgentServer } from "../agent/telemetry/server/agent-server.ts";
import { ListenError, parseListenAddress } from "../agent/telemetry/server/listen-address.ts";
import type { AgentWords } from "../agent/telemetry/words.ts";
import { nftablesKernel } from "../dataplane/kernel/nftables-kernel.ts";
import { TABLE } from "../dataplane/program/program.ts";
import { netAdminMissing } from "../linux/capabilities.ts";
import { cutTexts, problemText, repairText } from "../report/enforcement-text.ts";
import { flowJson } from "../report/flow-json.ts";
import { flowText } from "../report/flow-text.ts";
import { plainStyle } from "../report/style.ts";
import { createKubeClient } from "../source/kube/client.ts";
import { KubeError } from "../source/kube/kube-error.ts";
import { loadContext } from "../source/kube/kubeconfig.ts";
import { type AgentOptions, enforcementOf, nodeOf } from "./agent-options.ts";
import { EXIT_NO, EXIT_NO_KERNEL, EXIT_OK } from "./exit-code.ts";
import { UsageError } from "./usage-error.ts";
import { VERSION } from "./version.ts";

const WORDS: AgentWords = {
  flowDocument: flowJson,
  flowLine: (event) => flowText(event, plainStyle),
  problem: problemText,
  repair: repairText,
  cuts: cutTexts,
};

/** `podwall agent`: keeps the kernel of this node equal to the policies of its cluster, until it is told to stop. */
export async function agentCommand(options: AgentOptions): Promise<number> {
  const refusal = await kernelRefusal();
  if (refusal !== undefined) {
    process.stderr.write(`podwall agent: ${refusal}\n`);
    return EXIT_NO_KERNEL;
  }
  try {
    return options.cleanup === true ? await cleanUp(options) : await run(options);
  } catch (error) {
    if (error instanceof KubeError) {
      throw new UsageError(error.help === undefined ? error.message : `${error.message}\n  ${error.help}`);
    }
    throw error instanceof ListenError ? new UsageError(error.message) : error;
  }
}

/** Why this process cannot enforce anything here; undefined if it can. */
async function kernelRefusal(): Promise<string | undefined> {
  if (process.platform !== "linux") return "only Linux has nftables.";
  const missing = netAdminMissing();
  if (missing !== undefined) return missing;
  const kernel = nftablesKernel("");
  try {
    await kernel.read();
    return undefined;
  } catch (error) {
    const [said] = (error as Error).message.trim().split("\n");
    return `the kernel's rules cannot be read here: ${said}\n  It needs nftables in the kernel, and to be in the node's network (in a pod: hostNetwork: true).`;
  } finally {
    kernel.close();
  }
}

/** How long a running agent takes, at most, to answer, and to notice that its table is gone. */
const PATIENCE_MILLIS = 1000;

async function cleanUp({ listen }: AgentOptions): Promise<number> {
  const kernel = nftablesKernel("");
  try {
    if ((await kernel.read()).chains.size === 0) {
      process.stdout.write(`there is no table ${TABLE} on this node: nothing to remove\n`);
      return EXIT_OK;
    }
    const stillRuns = "an agent is still running on this node. Remove its DaemonSet first.";
    // Asked first: it would load its table again, and the node would have been open for that moment.
    if (await isAgentRunning(listen)) {
      process.stderr.write(`podwall agent: nothing was removed: ${stillRuns}\n`);
      return EXIT_NO;
    }
    await kernel.apply(`add table ${TABLE}\ndelete table ${TABLE}\n`);
    await sleep(PATIENCE_MILLIS);
    if ((await kernel.read()).chains.size > 0) {
      process.stderr.write(`podwall agent: the table ${TABLE} was removed, and is back: ${stillRuns}\n`);
      return EXIT_NO;
    }
    process.stdout.write(`removed the table ${TABLE}: no policy is enforced on this node any more\n`);
    return EXIT_OK;
  } finally {
    kernel.close();
  }
}

/** True if an agent answers where this one would listen. */
async function isAgentRunning(listen: string): Promise<boolean> {
  if (listen === "") return false;
  const { host, port } = parseListenAddress(listen);
  const isAny = host === undefined || host === "0.0.0.0" || host === "::";
  const here = isAny ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  const url = `http://${here}:${port}/v1/status`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    return (await answer.text()).includes("podwall.status/");
  } catch {
    return false;
  }
}

/**
 * How much more of the heap than was alive may fill before it is collected, in percent. V8 would let a heap of this size
 * grow by half and more; with 20 a fresh agent of 100,000 pods keeps 40 MB less, for a fifth more processor time at its
 * start. NODE_OPTIONS does not take this flag.
 */
const HEAP_GROWING_PERCENT = 20;

async function run(options: AgentOptions): Promise<never> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const node = nodeOf(options, process.env);
  const context = await loadContext(options);
  const logger = createLogger({ level: options.logLevel, node, stream: openLogStream() });
  const telemetry = createTelemetry({
    node,
    version: VERSION,
    view: () => agent.view,
    logger,
    words: WORDS,
    logFlows: options.logFlows === true,
  });
  const client = createKubeClient(context, {
    onRequest: ({ verb, resource, code, bytes }) =>
      telemetry.apiRequest(verb, resource ?? "discovery", code, bytes),
  });
  const events = createPolicyEvents({ client, node, logger });
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const agent = createAgent({
    node,
    version: VERSION,
    client,
    config: enforcementOf(options),
    beforeSync: options.beforeSync,
    ...(options.state === "" ? {} : { stateFolder: options.state }),
    verifyMillis: options.verifyEvery * 1000,
    telemetry,
    logger,
    words: WORDS,
    events,
    onFailure: (error) => fail(error),
  });
  const server: AgentServer | undefined =
    options.listen === ""
      ? undefined
      : await openAgentServer({
          listen: options.listen,
          node,
          view: agent.view,
          telemetry,
          logger,
          flowDocument: flowJson,
        });
  logger.info(
    { version: VERSION, server: context.server, ...(server === undefined ? {} : { port: server.port }) },
    "the agent starts",
  );
  // What nobody caught leaves the process in a state that nobody knows: a new one finds the rules in force.
  process.on("uncaughtException", (error) => fail(error));
  const asked = endSignal();
  const done = await Promise.race([
    failed.catch((error: unknown) => ({ error })),
    agent.start().then(
      () => asked,
      (error: unknown) => ({ error }),
    ),
    asked,
  ]);
  if ("error" in done) {
    logger.error({ err: done.error }, "the agent cannot go on, and ends; the rules stay in force");
    process.exit(EXIT_NO);
  }
  logger.info({ signal: done.signal }, "the agent stops; the rules stay in force");
  await Promise.race([Promise.all([server?.close(), agent.stop()]), sleep(STOP_MILLIS)]);
  events.close();
  client.close();
  // Whatever is still open, such as a connection of somebody who reads, is no reason to stay.
  process.exit(EXIT_OK);
}

/** Less than a kubelet waits before it kills (terminationGracePeriodSeconds of the DaemonSet). */
const STOP_MILLIS = 8000;

function endSignal(): Promise<{ readonly signal: string }> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve({ signal }));
  });
}
