// What a node tells while it enforces: one line each, for the terminal and for logs.
import type { CutConnection } from "../dataplane/connections/connection-cutter.ts";
import type { EnforcementProblem } from "../dataplane/enforcement-problem.ts";
import { protocolName } from "../dataplane/flow-log/ip-protocol.ts";
import type { Repair } from "../dataplane/kernel/kernel-watch.ts";
import type { Engine } from "../engine/engine.ts";
import { type Address, formatAddress } from "../net/address.ts";

/** Names at most; the rest is counted. */
const MOST_NAMES = 5;

/**
 * `cut 3 open connections shop/web-0 -> shop/db-0 TCP 3306: its ingress policies do not allow it any more`: a line for
 * all that differ in nothing but the port of whoever began them, or the family of addresses of the same pods.
 */
export function cutTexts(node: string, cut: readonly CutConnection[], engine: Engine): string[] {
  const counts = new Map<string, number>();
  for (const each of cut) {
    const words = cutWords(each, engine);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => {
    const what = count === 1 ? "the open connection" : `${count} open connections`;
    return `node ${node}: cut ${what} ${words}`;
  });
}

function cutWords(cut: CutConnection, engine: Engine): string {
  const { source, destination, protocol, destinationPort, because } = cut;
  const port = destinationPort === 0 ? "" : ` ${destinationPort}`;
  const what = `${endName(engine, source)} -> ${endName(engine, destination)} ${protocolName(protocol)}${port}`;
  const why =
    because.kind === "unknown-pod"
      ? `the ${because.direction === "ingress" ? "receiver" : "sender"} is no pod any more`
      : `its ${because.direction} policies do not allow it any more`;
  return `${what}: ${why}`;
}

/** What nft refused, whose pods are concerned, and what they have meanwhile. */
export function problemText(node: string, problem: EnforcementProblem): string {
  const { message, outcome, pods, policies } = problem;
  const from = policies.length === 0 ? "" : `, which comes from ${someOf(policies)}`;
  const concerned = pods.length === 0 ? "all pods of the node that a policy is about" : someOf(pods);
  const meanwhile = {
    replaced: "all rules were loaded anew instead",
    closed: `closed until nft takes their rules, which is tried every few seconds: ${concerned}`,
    unchanged: "nothing was changed, so what was in force is still; it is tried every few seconds",
  }[outcome];
  return `node ${node}: ${message}${from}; ${meanwhile}`;
}

/** Who changed our table, and how long it took to put it right. */
export function repairText(node: string, { by, tableWasGone, repaired, millis }: Repair): string {
  const who = by === undefined ? "another program" : `another program (${by})`;
  const what = tableWasGone
    ? "deleted the table inet podwall: loaded again"
    : `changed the table inet podwall: ${repaired} ${repaired === 1 ? "chain or set" : "chains and sets"} put right`;
  return `node ${node}: ${who} ${what} within ${Math.max(1, Math.round(millis))} ms`;
}

function endName(engine: Engine, address: Address): string {
  return engine.addresses.podAt(address)?.id ?? formatAddress(address);
}

function someOf(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  return `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more`;
}
