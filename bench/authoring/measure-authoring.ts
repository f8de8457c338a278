// The whole of commands on manifests, as somebody would type them: a process each, reading included.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureOf, percentile } from "../stats.ts";
import { type AuthoringResult, COMMANDS, type CommandName, type CommandResult } from "./authoring-result.ts";
import { changedClusters } from "./changed-clusters.ts";

export interface AuthoringSetting {
  /** The bundled command line. */
  readonly podwallScript: string;
  readonly quick: boolean;
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

/** One changed policy of each of three sorts in so many. */
const EVERY = 300;

const ROUNDS = 11;

/** Exit codes of commands that have done what they were asked to. */
const DONE: Readonly<Record<CommandName, readonly number[]>> = { read: [2], check: [0, 1], diff: [0] };

/** All commands take turns, round after round. A command that fails once is not measured any more. */
export function measureAuthoring(setting: AuthoringSetting): AuthoringResult {
  const { before, after, changedPolicies, pods, policies } = changedClusters(EVERY, setting.quick ? 0.1 : 1);
  const folder = mkdtempSync(join(tmpdir(), "podwall-bench-"));
  const samples: Record<CommandName, number[]> = { read: [], check: [], diff: [] };
  const failures = new Map<CommandName, string>();
  try {
    const [old, changed] = [join(folder, "old.yaml"), join(folder, "new.yaml")];
    writeFileSync(old, before);
    writeFileSync(changed, after);
    const args: Readonly<Record<CommandName, readonly string[]>> = {
      read: ["explain", "no/pod", "no/other", old],
      check: ["check", old],
      diff: ["diff", old, changed],
    };
    const names = Object.keys(COMMANDS) as CommandName[];
    for (let round = 0; round < (setting.quick ? 3 : ROUNDS); round++) {
      for (const name of names) {
        if (failures.has(name)) continue;
        setting.progress(`${COMMANDS[name]}, round ${round + 1}`);
        const outcome = run(name, args[name], setting);
        if (typeof outcome === "number") samples[name].push(outcome);
        else failures.set(name, outcome);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const commands: Partial<Record<CommandName, CommandResult>> = {};
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    if (failures.has(name) || failures.has("read")) continue;
    const ratios = samples[name].map((sample, round) => sample / samples.read[round]!).sort((a, b) => a - b);
    commands[name] = { time: measureOf("ms", samples[name]), toRead: percentile(ratios, 0.5) };
  }
  return {
    pods,
    policies,
    megabytes: before.length / 1e6,
    changedPolicies,
    commands,
    failures: [...failures].map(([name, reason]) => ({ job: COMMANDS[name], reason })),
  };
}

/** Milliseconds, or why it was not done. */
function run(
  name: CommandName,
  args: readonly string[],
  { podwallScript, timeoutMilliseconds }: AuthoringSetting,
): number | string {
  const started = performance.now();
  const { status, signal, stderr, error } = spawnSync(process.execPath, [podwallScript, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: timeoutMilliseconds,
  });
  const milliseconds = performance.now() - started;
  if (error !== undefined) return error.message;
  if (status === null) return `ended by ${signal}`;
  return DONE[name].includes(status) ? milliseconds : `exit code ${status}: ${stderr.trim()}`;
}
