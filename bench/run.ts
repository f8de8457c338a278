// The command behind `npm run bench`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { measureMemory } from "./agent-memory/measure-memory.ts";
import { measureAuthoring } from "./authoring/measure-authoring.ts";
import { measureEnforcement } from "./enforcement/measure-enforcement.ts";
import { measureLatency } from "./enforcement-latency/measure-latency.ts";
import { joinedResults } from "./joined-results.ts";
import { thisMachine, versions } from "./machine.ts";
import { compareWithNaive, measureProfile, type Setting } from "./measure-profile.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { GROWTH, PROFILES } from "./profiles/profiles.ts";
import { progressOn } from "./progress.ts";
import { reportMarkdown } from "./report-markdown.ts";
import { reportText } from "./report-text.ts";
import type { BenchResults } from "./result.ts";

/** This file is bundled into `.cache/bench/`, beside the scripts of the children. */
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n(npm run bench -- --help tells more)`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const problem = inputProblem(options);
  if (problem !== undefined) {
    console.error(`bench: ${problem}`);
    return 2;
  }
  const [first, ...others] = options.from.map(readResults);
  const results = first === undefined ? await measure(args, options) : joinedResults([first, ...others]);
  if (first === undefined) {
    writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  if (options.markdown !== undefined) writeFileSync(options.markdown, reportMarkdown(results));
  process.stdout.write(reportText(results));
  return 0;
}

/** What would only be noticed after minutes of measuring. */
function inputProblem({ from, json, markdown }: Options): string | undefined {
  const missing = from.find((file) => !existsSync(file));
  if (missing !== undefined) return `--from ${missing}: there is no such file`;
  for (const [option, file] of [
    ["--json", json],
    ["--markdown", markdown],
  ] as const) {
    if (file === undefined) continue;
    const folder = dirname(resolve(file));
    if (!existsSync(folder)) return `${option} ${file}: there is no folder ${folder}; make it first`;
  }
  return undefined;
}

function readResults(file: string): BenchResults {
  const results = JSON.parse(readFileSync(file, "utf8")) as BenchResults;
  if (results.kind !== "podwall-bench") throw new Error(`${file} holds no results of npm run bench`);
  return results;
}

async function measure(args: readonly string[], options: Options): Promise<BenchResults> {
  const progress = progressOn(process.stderr);
  const setting: Setting = {
    childScript: join(here, "child.js"),
    quick: options.quick,
    timeoutMilliseconds: options.timeout * 1000,
    progress: progress.show,
  };
  const date = new Date().toISOString();
  const machine = thisMachine();
  const profiles = PROFILES.filter(({ name }) => options.profiles.includes(name));
  const measured = [];
  for (const profile of profiles) {
    measured.push(await measureProfile(profile, ["describe", "load", "engine"], options.quick, setting));
  }
  const naive = [];
  for (const profile of profiles) naive.push(await compareWithNaive(profile, setting));
  const growth = [];
  for (const { name, title, points } of options.profiles.includes("growth") ? GROWTH : []) {
    const results = [];
    for (const point of points) results.push(await measureProfile(point, ["engine"], true, setting));
    growth.push({ name, title, points: results });
  }
  const enforcement = options.enforcement
    ? await measureEnforcement({
        insideScript: join(here, "inside.js"),
        generatorSource: join(root, "bench/enforcement/load.c"),
        generatorProgram: join(here, "load"),
        quick: options.quick,
        timeoutMilliseconds: setting.timeoutMilliseconds,
        progress: progress.show,
      })
    : undefined;
  const latency = options.latency
    ? await measureLatency({
        insideScript: join(here, "latency-inside.js"),
        blastSource: join(root, "bench/enforcement-latency/blast.c"),
        blastProgram: join(here, "blast"),
        podwallScript: join(here, "podwall.js"),
        samples: options.samples,
        quick: options.quick,
        timeoutMilliseconds: setting.timeoutMilliseconds,
        progress: progress.show,
      })
    : undefined;
  const authoring = options.authoring
    ? measureAuthoring({
        podwallScript: join(here, "podwall.js"),
        quick: options.quick,
        timeoutMilliseconds: setting.timeoutMilliseconds,
        progress: progress.show,
      })
    : undefined;
  const agentMemory = options.agentMemory
    ? await measureMemory({
        insideScript: join(here, "memory-inside.js"),
        podwallScript: join(here, "podwall.js"),
        quick: options.quick,
        timeoutMilliseconds: setting.timeoutMilliseconds,
        progress: progress.show,
      })
    : undefined;
  progress.clear();
  return {
    kind: "podwall-bench",
    date,
    command: ["npm run bench --", ...args].join(" "),
    quick: options.quick,
    machine,
    versions: versions(root),
    profiles: measured,
    growth,
    naive,
    ...(enforcement === undefined ? {} : { enforcement }),
    ...(latency === undefined ? {} : { latency }),
    ...(authoring === undefined ? {} : { authoring }),
    ...(agentMemory === undefined ? {} : { agentMemory }),
  };
}

process.exitCode = await main(process.argv.slice(2));
