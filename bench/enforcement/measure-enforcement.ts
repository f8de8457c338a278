import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxSupport } from "../../src/lab/sandbox-support.ts";
import { QUICK_SCALE } from "../measure-profile.ts";
import type { Failure } from "../result.ts";
import { runSandboxJob } from "../run-sandbox-job.ts";
import { measureOf } from "../stats.ts";
import { CHANGE_TITLES, type ChangeName } from "./change-result.ts";
import type { EnforcementPiece, EnforcementResult } from "./enforcement-result.ts";
import { compileGenerator } from "./generator.ts";
import type { EnforcementJob } from "./job.ts";

export interface EnforcementSetting {
  /** The bundled inside.ts. */
  readonly insideScript: string;
  /** Source of the load generator, and where its program goes. */
  readonly generatorSource: string;
  readonly generatorProgram: string;
  readonly quick: boolean;
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

/** How often a process is started cold. */
const COLD_STARTS = 7;

/** Measures what the kernel does with packets and changes. What cannot be measured is in the result too. */
export async function measureEnforcement(setting: EnforcementSetting): Promise<EnforcementResult> {
  const support = sandboxSupport();
  if (!support.ok) return nothing(`${support.reason}; ${support.help}`);
  // Limits of connection tracking, and how long it keeps what has ended, are for the machine's root alone to set.
  if (support.mode !== "root") return nothing("it needs root, for the settings of connection tracking");
  const scale = setting.quick ? QUICK_SCALE : 1;
  const pieces: EnforcementPiece[] = [];
  const failures: Failure[] = [];
  const leftOut: Failure[] = [];
  const run = async (job: EnforcementJob): Promise<boolean> => {
    const { failure, pieces: told } = await runSandboxJob<EnforcementPiece>(job, {
      ...setting,
      about: "enforcement",
    });
    pieces.push(...told);
    if (failure !== undefined) failures.push(failure);
    return failure === undefined;
  };

  const generator = compileGenerator(setting.generatorSource, setting.generatorProgram);
  if ("reason" in generator) leftOut.push({ job: "enforcement, packets", reason: generator.reason });
  else await run({ kind: "packets", generator: generator.program, scale, brief: setting.quick });
  await run({ kind: "changes", scale, brief: setting.quick });
  await inTemporaryFolder(async (directory) => {
    let ok = await run({ kind: "write objects", directory, scale });
    for (let i = 0; ok && i < (setting.quick ? 2 : COLD_STARTS); i++) {
      ok = await run({ kind: "cold start", directory });
    }
  });
  return {
    facts: pieces.flatMap(({ facts }) => facts ?? []),
    packets: pieces.flatMap(({ packets }) => packets ?? []),
    changes: joinedChanges(pieces),
    failures,
    leftOut,
  };
}

function nothing(reason: string): EnforcementResult {
  return { facts: [], packets: [], changes: {}, failures: [], leftOut: [{ job: "enforcement", reason }] };
}

async function inTemporaryFolder(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "podwall-bench-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // A signal ends the process without a way through `finally`.
  process.once("exit", remove);
  try {
    await use(directory);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** Measures of one sample each, from as many processes, become one. */
export function joinedChanges(pieces: readonly EnforcementPiece[]): EnforcementResult["changes"] {
  const joined: EnforcementResult["changes"] = {};
  for (const name of Object.keys(CHANGE_TITLES) as ChangeName[]) {
    const measures = pieces.flatMap(({ changes }) => changes?.[name] ?? []);
    if (measures.length === 0) continue;
    joined[name] =
      measures.length === 1
        ? measures[0]!
        : measureOf(
            measures[0]!.unit,
            measures.map(({ median }) => median),
          );
  }
  return joined;
}
