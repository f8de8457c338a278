import type { Conntrack } from "../linux/netfilter/conntrack.ts";
import type { Address } from "../net/address.ts";
import { createNodeProgram, type NodeProgram } from "./compile/node-program.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "./config.ts";
import {
  type ConnectionCutter,
  type CutConnection,
  createConnectionCutter,
} from "./connections/connection-cutter.ts";
import { mayForbid } from "./connections/effect.ts";
import { type EnforcementProblem, problemOf } from "./enforcement-problem.ts";
import { readWithDoubt } from "./kernel/doubtful-read.ts";
import { applyChange, applyInPieces, type Kernel, KernelError, PIECE_BYTES } from "./kernel/kernel.ts";
import { replaceTable } from "./kernel/replace-table.ts";
import type { PolicyEngines } from "./policy-engines.ts";
import { isEmptyChange, type Program, type ProgramChange } from "./program/program.ts";
import { changeSize, programChange, programMadeBy } from "./program/program-change.ts";

export interface EnforcerOptions {
  readonly engines: PolicyEngines;
  readonly node: string;
  readonly kernel: Kernel;
  readonly config?: EnforcementConfig;
  /** Where open connections are found; without it, those that a change forbids live on. */
  readonly conntrack?: Conntrack;
  /** Addresses of the node's pod range that are in use by somebody who is no pod. */
  readonly alsoKnown?: readonly Address[];
  /** The addresses of the node's own interfaces, as text. */
  readonly ownAddresses?: () => ReadonlySet<string>;
  /** False in a user namespace, where a transaction may not be large. */
  readonly mayBeLarge?: boolean;
  /** How long after a refusal everything is tried again, in milliseconds; by default 5000. */
  readonly retryMillis?: number;
  /** Connections that were cut when nobody waits for a report: by a second look, a repair, or another try. */
  readonly onLateCut?: (cut: readonly CutConnection[]) => void;
  /** What nft refused when nobody waits for a report: in a repair, or another try. */
  readonly onLateProblem?: (problem: EnforcementProblem) => void;
  /** What goes wrong when nobody waits for it. */
  readonly onError?: (error: unknown) => void;
}

/** What became of bringing the kernel up to date. */
export interface EnforcementReport {
  /** The engine's generation that is in force. */
  readonly generation: number;
  /** Rules, elements, sets and chains that were added or taken away; 0 if nothing was different. */
  readonly operations: number;
  /** Milliseconds until the rules were in force, from when they were begun. */
  readonly millis: number;
  /** When they were, on the clock of `performance.now()`: connections are looked at only then. */
  readonly inForceAt: number;
  /** What nft refused, and what was done about it. Empty when all went well. */
  readonly problems: readonly EnforcementProblem[];
  readonly cut: readonly CutConnection[];
}

/** What the kernel is known to do, as of the last load. */
export interface InForce {
  /** The engine's generation; undefined before the first load. */
  readonly generation: number | undefined;
  /** What stands in the way now: pods that are closed, or a kernel that takes nothing. Empty: all is as the engine says. */
  readonly problems: readonly EnforcementProblem[];
}

/** Keeps the kernel of one node equal to the engine. */
export interface Enforcer {
  readonly node: string;
  inForce(): InForce;
  /** What the kernel is believed to hold. */
  program(): Program;
  /** Takes over what the kernel holds, or loads an empty one, in which every judged pod is closed from the first moment. */
  start(): Promise<EnforcementReport>;
  /**
   * Brings the kernel to what the engine says now, in one transaction. Calls while one is under way are one more. Rejects
   * with a {@link KernelError} only if nothing at all could be loaded: the kernel is then as it was, and the next call,
   * or the next try after a while, brings it up to date.
   */
  enforce(): Promise<EnforcementReport>;
  /**
   * Reads the kernel back and puts right what is different; the number of chains and sets that were. Where the table is
   * known to be gone, it is loaded at once without looking. Connections that came to be meanwhile are judged too. Before
   * the start and after the end there is nothing to repair.
   */
  repair(tableIsGone?: boolean): Promise<number>;
  /** Stops following the engine, when what is under way is done. The rules stay in force. */
  close(): Promise<void>;
}

/** A connection may begin between the look at conntrack and the change: one more look catches it. */
const SECOND_LOOK_MILLIS = 150;

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { engines, node, kernel, config = DEFAULT_ENFORCEMENT, alsoKnown = [], mayBeLarge = true } = options;
  const { retryMillis = RETRY_MILLIS } = options;
  const ownAddresses = options.ownAddresses ?? (() => new Set<string>());
  const place = { engines, node, config, alsoKnown, ownAddresses };
  const cutter: ConnectionCutter | undefined =
    options.conntrack === undefined
      ? undefined
      : createConnectionCutter(place, { apply: (script) => applyCuts(script) }, options.conntrack, () =>
          performance.now(),
        );
  let live: NodeProgram | undefined;
  let closedChains: ReadonlySet<string> = new Set();
  /** True while what the kernel holds is not known: a load was not taken, or not all of it. */
  let isInDoubt = false;
  let isRetryDue = false;
  let retry: NodeJS.Timeout | undefined;
  let waiting: Promise<EnforcementReport> | undefined;
  let secondLook: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isCutting = false;
  /** True if the rules that cut were loaded together with what the engine had become meanwhile. */
  let cameWithNewer = false;
  let generationInForce: number | undefined;
  let standing: readonly EnforcementProblem[] = [];

  // One thing at a time: what is begun while another is under way waits for it, whether it succeeds or not.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const running = (): NodeProgram => {
    if (live === undefined) throw new Error(`the enforcer of node ${node} was not started`);
    return live;
  };

  /**
   * The program of now: what is known of pods is told of the present only, so that the engine's changes that nobody has
   * asked for yet must be taken in first. Whoever loads it has to load all of it.
   */
  const present = (): Program => {
    running().setUnaudited(engines.unaudited);
    running().update();
    return running().program();
  };

  const replaceAll = (program: Program): Promise<void> =>
    // The cuts with the rules, not after them: a cut flow would go on as a new one that its server began.
    replaceTable(kernel, program, { config, mayBeLarge, cuts: cutter?.restoring() ?? [] });

  /** A delta was refused: everything anew, and if that is refused too, with the pods concerned closed. */
  const recover = async (first: KernelError): Promise<readonly EnforcementProblem[]> => {
    const problems = [problemOf(first, running(), engines.engine, "replaced")];
    const closing = new Set(closedChains);
    let error = first;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      try {
        await replaceAll(present());
        closedChains = closing;
        standing = problems.filter(({ outcome }) => outcome === "closed");
        if (closing.size > 0) retryLater();
        return problems;
      } catch (again) {
        if (!(again instanceof KernelError)) throw again;
        error = again;
      }
      const problem = problemOf(error, running(), engines.engine, "closed");
      const before = closing.size;
      for (const chain of problem.chains) closing.add(chain);
      // Nothing to blame, or the blame did not help: nobody stays open.
      if (closing.size === before) for (const chain of running().classChains()) closing.add(chain);
      problems.push(problem);
      if (closing.size === before) break;
      running().setClosed(closing);
    }
    // The kernel stays as it was, so that nobody is closed either.
    running().setClosed(closedChains);
    running().update();
    standing = [problemOf(error, running(), engines.engine, "unchanged")];
    retryLater();
    throw error;
  };

  /** Loads; what nft refuses is loaded in another way. */
  const attempt = async (work: () => Promise<void>): Promise<readonly EnforcementProblem[]> => {
    isInDoubt = true;
    let problems: readonly EnforcementProblem[] = [];
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      problems = await recover(error);
    }
    isInDoubt = false;
    if (closedChains.size === 0) standing = [];
    return problems;
  };
  const apply = (change: ProgramChange): Promise<readonly EnforcementProblem[]> =>
    attempt(() => applyChange(kernel, change, mayBeLarge));
  const load = (program: Program): Promise<readonly EnforcementProblem[]> =>
    attempt(() => replaceAll(program));

  /** Fills the sets of cut connections; with the first of them come the rules that look into these sets. */
  const applyCuts = async (script: string): Promise<void> => {
    if (isCutting) return kernel.apply(script);
    isCutting = true;
    running().setCutting(true);
    const isNewer = engines.engine.generation !== generationInForce;
    const problems = await apply(running().update());
    cameWithNewer ||= isNewer || problems.length > 0;
    tellLate({ cut: [], problems });
    await kernel.apply(script);
  };

  /** Somebody may have taken the table away a moment ago, before anybody has noticed: it is made anew first. */
  const withTable = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      tellLate({ cut: [], problems: await load(present()) });
      return work();
    }
  };

  const lookAtConnections = async (): Promise<readonly CutConnection[]> => {
    if (cutter === undefined) return [];
    const cut = [...(await withTable(() => cutter.look()))];
    // The rules that cut may have come with newer ones, which forbid more. A look takes 10 ms even where there is one
    // connection: the kernel walks its whole table.
    while (cameWithNewer) {
      cameWithNewer = false;
      cut.push(...(await withTable(() => cutter.look())));
    }
    clearTimeout(secondLook);
    if (isClosed) return cut;
    secondLook = setTimeout(() => {
      inTurn(() => withTable(() => cutter.look())).then(
        (late) => {
          if (late.length > 0) options.onLateCut?.(late);
        },
        (error: unknown) => options.onError?.(error),
      );
    }, SECOND_LOOK_MILLIS);
    secondLook.unref();
    return cut;
  };

  /** Where nobody waits: what could not be loaded at all is told, and tried again. */
  const lateProblem = (error: unknown): EnforcementProblem => {
    if (!(error instanceof KernelError)) throw error;
    return problemOf(error, running(), engines.engine, "unchanged");
  };

  const tellLate = ({ cut, problems }: Pick<EnforcementReport, "cut" | "problems">): void => {
    if (cut.length > 0) options.onLateCut?.(cut);
    for (const problem of problems) options.onLateProblem?.(problem);
  };

  /** Tries everything again after a while, whether there is a change or not. */
  const retryLater = (): void => {
    clearTimeout(retry);
    if (isClosed) return;
    retry = setTimeout(() => {
      isRetryDue = true;
      inTurn(enforceNow)
        .then(tellLate, (error: unknown) => tellLate({ cut: [], problems: [lateProblem(error)] }))
        .catch((error: unknown) => options.onError?.(error));
    }, retryMillis);
    retry.unref();
  };

  const report = (
    change: ProgramChange,
    { started, generation }: Begun,
    problems: readonly EnforcementProblem[],
  ): Omit<EnforcementReport, "cut"> => {
    generationInForce = generation;
    const inForceAt = performance.now();
    return { generation, operations: changeSize(change), millis: inForceAt - started, inForceAt, problems };
  };
  /** The engine may go on while nft is at work: in force is what it said when the change was computed. */
  const begun = (): Begun => ({ started: performance.now(), generation: engines.engine.generation });

  const enforceNow = async (): Promise<EnforcementReport> => {
    const now = begun();
    if (isRetryDue) {
      // What nft refused may be gone.
      isRetryDue = false;
      closedChains = new Set();
      running().setClosed(closedChains);
    }
    if (isCutting && cutter?.isCutting !== true) {
      isCutting = false;
      running().setCutting(false);
    }
    running().setUnaudited(engines.unaudited);
    let change = running().update();
    if (isInDoubt) {
      const program = running().program();
      change = programChange(await kernel.read(), program);
    }
    if (isEmptyChange(change)) {
      isInDoubt = false;
      if (closedChains.size === 0) standing = [];
      return { ...report(change, now, []), cut: [] };
    }
    const problems = await apply(change);
    const done = report(change, now, problems);
    if (mayForbid(change) || problems.length > 0) return { ...done, cut: await lookAtConnections() };
    // What is allowed more may be what was cut.
    if (cutter !== undefined) await withTable(() => cutter.release());
    return { ...done, cut: [] };
  };

  const restoreCuts = (): Promise<void> => applyInPieces(kernel, cutter?.restoring() ?? [], PIECE_BYTES);

  const repairNow = async (program: Program, tableIsGone: boolean): Promise<number> => {
    let repaired = program.chains.size + program.sets.size;
    let problems: readonly EnforcementProblem[];
    if (tableIsGone) {
      problems = await load(program);
    } else {
      const found = await readWithDoubt(kernel, program);
      const change = programChange(found, program);
      // Which connections are cut is not compared, as elements end by themselves.
      if (found.foreign === undefined && isEmptyChange(change)) {
        await restoreCuts();
        return 0;
      }
      // No change takes away what programs do not have, such as the flag that puts a table to sleep.
      const isWhole = found.chains.size === 0 || found.foreign !== undefined;
      problems = isWhole ? await load(program) : await apply(change);
      await restoreCuts();
      const lists: readonly (readonly unknown[])[] = Object.values(change);
      const things = lists.reduce((sum, list) => sum + list.length, 0);
      repaired = Math.max(1, things);
    }
    // What was let in meanwhile must not live on as an established connection.
    tellLate({ cut: await lookAtConnections(), problems });
    return repaired;
  };

  return {
    node,
    inForce: () => ({ generation: generationInForce, problems: standing }),
    program: () => running().program(),
    start: () =>
      inTurn(async () => {
        const found = await kernel.read();
        const now = begun();
        live = createNodeProgram(engines.engine, node, { config, alsoKnown, adopt: found });
        live.setUnaudited(engines.unaudited);
        cutter?.adopt(found);
        isCutting = cutter?.isCutting === true;
        live.setCutting(isCutting);
        const program = programMadeBy(live.update());
        const change = programChange(found, program);
        let problems: readonly EnforcementProblem[] = [];
        if (found.chains.size === 0 || found.foreign !== undefined) {
          problems = await load(program);
        } else if (!isEmptyChange(change)) {
          problems = await apply(change);
        }
        return { ...report(change, now, problems), cut: await lookAtConnections() };
      }),
    enforce: () => {
      waiting ??= inTurn(() => {
        waiting = undefined;
        return enforceNow();
      });
      return waiting;
    },
    repair: (tableIsGone = false) =>
      inTurn(async () => {
        if (live === undefined || isClosed) return 0;
        try {
          return await repairNow(present(), tableIsGone);
        } catch (error) {
          tellLate({ cut: [], problems: [lateProblem(error)] });
          retryLater();
          return 0;
        }
      }),
    close: async () => {
      isClosed = true;
      clearTimeout(secondLook);
      clearTimeout(retry);
      await last;
      live?.close();
    },
  };
}

/** A piece of work on the kernel. */
interface Begun {
  /** On the clock of `performance.now()`. */
  readonly started: number;
  readonly generation: number;
}

/** How long pods stay closed that nft would not load, before everything is tried again. */
const RETRY_MILLIS = 5000;

/** How often a load is tried with more and more pods closed. */
const MOST_ATTEMPTS = 8;
