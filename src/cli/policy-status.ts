import { isDone } from "../agent/proxied/policy-on-node.ts";
import type { PolicyName } from "../agent/proxied/policy-target.ts";
import { followRollouts, type Rollout, type RolloutReport } from "../agent/proxied/rollout.ts";
import { DEFAULT_NAMESPACE } from "../k8s/metadata.ts";
import { unknownNodesText } from "../report/cluster-status-text.ts";
import { rolloutJson } from "../report/rollout-json.ts";
import { rolloutText } from "../report/rollout-text.ts";
import type { KubeClient } from "../source/kube/client.ts";
import { withCluster } from "./cluster-client.ts";
import { EXIT_BAD_INPUT, EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { parsePolicyNames } from "./policy-names.ts";
import { noAgents, refusalOfAll, type StatusOptions } from "./status.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** `podwall status POLICY...`: which nodes enforce the version that the API server has. */
export function policyStatusCommand(words: readonly string[], options: StatusOptions): Promise<number> {
  // What is wrong with the words needs no cluster to be told.
  const namesIn = (namespace: string): PolicyName[] =>
    parsePolicyNames(words, options.namespace ?? namespace);
  namesIn(DEFAULT_NAMESPACE);
  return withCluster(options, async (client) => {
    const { agentNamespace, deleted, ignoreUnready, wait, timeout } = options;
    const names = namesIn(client.context.namespace ?? DEFAULT_NAMESPACE);
    const report = await followRollouts(
      client,
      names,
      { namespace: agentNamespace, deleted: deleted === true, ignoreUnready: ignoreUnready === true },
      { timeout: wait === true ? timeout : 0, onLook: progress() },
    );
    refuse(client, report, options);
    print(report, options);
    return exitCodeOf(report, options);
  });
}

/** On a terminal, who is still waited for; it is written over. */
function progress(): (rollouts: readonly Rollout[]) => void {
  return (rollouts) => {
    if (!process.stderr.isTTY) return;
    const open = rollouts.flatMap(({ nodes }) => nodes.filter((node) => !isDone(node)));
    process.stderr.write(
      open.length === 0
        ? "\r\u001b[K"
        : `\r\u001b[Kwaiting for ${open.length} nodes, ${open[0]!.node} among them`,
    );
  };
}

/** What there can be no answer to. */
function refuse(
  { context }: KubeClient,
  { rollouts, namespace }: RolloutReport,
  options: StatusOptions,
): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const nodes = rollouts[0]?.nodes ?? [];
  if (nodes.every(({ failure }) => failure?.code === "no-agent")) {
    throw new UsageError(noAgents(namespace));
  }
  const refused = refusalOfAll(nodes);
  if (refused !== undefined) throw new UsageError(refused);
  const absent = options.deleted === true ? [] : rollouts.filter(isAbsent);
  if (absent.length === 0) return;
  const lines = absent.map(({ policy, nodes: there }) => {
    const still = there.filter(({ state }) => state === "still-enforced").map(({ node }) => node);
    return still.length === 0 ? policy : `${policy} (still enforced on ${still.join(", ")})`;
  });
  throw new UsageError(
    `context ${context.name} has no ${lines.join(", no ")}\n  If it was deleted, and you want to know whether that is in force: --deleted`,
  );
}

function isAbsent({ exists, wanted }: Rollout): boolean {
  return !exists && wanted.kind === "gone";
}

function print({ rollouts, nodesUnknown }: RolloutReport, options: StatusOptions): void {
  if (options.output === "json") {
    process.stdout.write(`${JSON.stringify(rolloutJson(rollouts, nodesUnknown), undefined, 2)}\n`);
    return;
  }
  const style = styleFor(process.stdout);
  const texts = rollouts.map((rollout) =>
    rolloutText(rollout, style, { all: options.all === true, ignoreUnready: options.ignoreUnready === true }),
  );
  process.stdout.write(texts.join("\n"));
  if (nodesUnknown !== undefined) process.stderr.write(`podwall: ${unknownNodesText(nodesUnknown)}\n`);
}

/** 2 where all that is known is as wanted, but nodes without an agent cannot be told. */
function exitCodeOf({ rollouts, nodesUnknown }: RolloutReport, { ignoreUnready }: StatusOptions): number {
  if (!rollouts.every(({ complete }) => complete)) return EXIT_NO;
  return nodesUnknown === undefined || ignoreUnready === true ? EXIT_OK : EXIT_BAD_INPUT;
}
