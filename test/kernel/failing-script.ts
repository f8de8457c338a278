// Runs inside the sandbox: a kernel that refuses some transactions, with a real one behind it.
import { setTimeout as sleep } from "node:timers/promises";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { DEFAULT_ENFORCEMENT } from "../../src/dataplane/config.ts";
import type { EnforcementProblem } from "../../src/dataplane/enforcement-problem.ts";
import { createEnforcer, type InForce } from "../../src/dataplane/enforcer.ts";
import { type Kernel, KernelError } from "../../src/dataplane/kernel/kernel.ts";
import { nftablesKernel } from "../../src/dataplane/kernel/nftables-kernel.ts";
import { createPolicyEngines } from "../../src/dataplane/policy-engines.ts";
import { programChange } from "../../src/dataplane/program/program-change.ts";
import { verifyProgram } from "../../src/dataplane/verify/verify.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { createNamespace } from "../../src/linux/netns.ts";
import { closedWalk } from "./no-open-moment/closed-walk.ts";

/** What the script writes, as JSON. */
export interface FailingRun {
  readonly first: FailingStep;
  /** Everything that names one chain is refused. */
  readonly one: FailingStep;
  /** The chains that are not as the engine has it, and how they end. */
  readonly oneClosed: readonly string[];
  readonly closedRules: readonly string[];
  /** Afterwards nothing is refused any more, and nothing changes. */
  readonly oneLater: number;
  readonly oneLaterInForce: InForce;
  readonly all: {
    readonly rejected: string;
    readonly unchanged: boolean;
    readonly later: number;
    /** While nothing could be loaded: how far the kernel is behind, and what stands in the way. */
    readonly behind: number;
    readonly outcomes: readonly string[];
    readonly laterInForce: InForce;
  };
  readonly real: FailingStep;
  /** Repairs of a table that is gone, while the engine is ahead of what was loaded last; and what comes after each. */
  readonly ahead: readonly { readonly afterRepair: number; readonly next: FailingStep }[];
}

export interface FailingStep {
  readonly problems: readonly EnforcementProblem[];
  /** Between the kernel and what the enforcer believes, and between the kernel and the engine. */
  readonly differences: number;
  readonly inForce: InForce;
  /** The engine's generation. */
  readonly generation: number;
}

const REPAIRS = 10;

await runInSandbox(async () => {
  const walk = closedWalk(11);
  const engines = createPolicyEngines(walk.cluster);
  const real = nftablesKernel("one", createNamespace("node"));
  let refuses: (script: string) => number = () => 0;
  const kernel: Kernel = {
    ...real,
    apply: async (script) => {
      const line = refuses(script);
      if (line === 0) return real.apply(script);
      throw new KernelError("refused", `/dev/stdin:${line}:1-3: Error: Cannot allocate memory\n`);
    },
  };
  const late: EnforcementProblem[] = [];
  const enforcer = createEnforcer({
    engines,
    node: "one",
    kernel,
    retryMillis: 200,
    onLateProblem: (problem) => late.push(problem),
    onError: (error) => setImmediate(() => Promise.reject(error)),
  });
  const differences = async (): Promise<number> =>
    verifyProgram(await real.read(), engines.engine, "one", {
      expected: enforcer.program(),
      config: DEFAULT_ENFORCEMENT,
    }).length;
  /** The next cluster that makes the node's rules different. */
  const change = (): void => {
    const before = walk.cluster;
    for (let i = 0; i < 20; i++) walk.step();
    engines.apply(clusterChanges(before, walk.cluster));
  };
  const step = async (): Promise<FailingStep> => {
    change();
    const { problems } = await enforcer.enforce();
    const { generation } = engines.engine;
    return { problems, differences: await differences(), inForce: enforcer.inForce(), generation };
  };
  await enforcer.start();

  let refusals = 1;
  refuses = () => (refusals-- > 0 ? 1 : 0);
  const first = await step();

  // A rule of one chain is more than the kernel takes.
  const isRefused = (line: string): boolean => /^add rule inet podwall in4_shop_b_\S+ ip saddr @/.test(line);
  refuses = (script) => script.split("\n").findIndex(isRefused) + 1;
  const one = await step();
  const held = await real.read();
  const wanted = compileProgram(engines.engine, "one");
  const oneClosed = programChange(held, wanted).changedChains.map(({ name }) => name);
  const closedRules = oneClosed.map((name) => held.chains.get(name)!.rules.at(-1)!);
  refuses = () => 0;
  let oneLater = -1;
  for (let tries = 0; tries < 50 && oneLater !== 0; tries++) {
    await sleep(50);
    oneLater = verifyProgram(await real.read(), engines.engine, "one").length;
  }

  const oneLaterInForce = enforcer.inForce();

  const listing = async (): Promise<string> => {
    const { chains, sets } = await real.read();
    return JSON.stringify([[...chains], [...sets].map(([name, set]) => [name, [...set.elements]])]);
  };
  const before = await listing();
  refuses = () => 1;
  change();
  const rejected = await enforcer.enforce().then(
    () => "taken",
    (error: Error) => error.name,
  );
  const unchanged = (await listing()) === before;
  const during = enforcer.inForce();
  const behind = engines.engine.generation - during.generation!;
  const outcomes = during.problems.map(({ outcome }) => outcome);
  refuses = () => 0;
  await enforcer.enforce();
  const later = await differences();
  const all = { rejected, unchanged, later, behind, outcomes, laterInForce: enforcer.inForce() };

  // A map of ours that is gone, when nobody watches: nft itself refuses, and says where.
  await real.apply("delete table inet podwall\nadd table inet podwall\n");
  const again = await step();

  const ahead: FailingRun["ahead"][number][] = [];
  for (let repairs = 0; repairs < REPAIRS; repairs++) {
    await real.apply("delete table inet podwall");
    change();
    await enforcer.repair(true);
    const afterRepair = await differences();
    ahead.push({ afterRepair, next: await step() });
  }

  const run: FailingRun = {
    first,
    one,
    oneClosed,
    closedRules,
    oneLater,
    oneLaterInForce,
    all,
    real: again,
    ahead,
  };
  process.stdout.write(JSON.stringify(run));
  await enforcer.close();
  real.close();
  return 0;
});
