import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterChanges } from "../cluster/diff.ts";
import { DEFAULT_ENFORCEMENT } from "../dataplane/config.ts";
import type { EnforcementReport } from "../dataplane/enforcer.ts";
import { readWithDoubt } from "../dataplane/kernel/doubtful-read.ts";
import { KernelError } from "../dataplane/kernel/kernel.ts";
import type { Repair } from "../dataplane/kernel/kernel-watch.ts";
import { nftablesKernel } from "../dataplane/kernel/nftables-kernel.ts";
import {
  type NodeDataplane,
  type NodeDataplaneOptions,
  openNodeDataplane,
} from "../dataplane/node-dataplane.ts";
import { createPolicyEngines, type PolicyEngines } from "../dataplane/policy-engines.ts";
import { isEmptyChange, type Program, TABLE } from "../dataplane/program/program.ts";
import { programChange } from "../dataplane/program/program-change.ts";
import { WAITING_PROGRAM } from "../dataplane/program/waiting-program.ts";
import type { Difference } from "../dataplane/verify/difference.ts";
import { watchNftables } from "../linux/netfilter/nftables-events.ts";
import type { Reactor } from "../linux/reactor.ts";
import type { PolicyVersionChange } from "../source/kube/policy-version.ts";
import { type BeforeSync, type Beginning, beginningOf, closeNode } from "./before-sync.ts";
import { createPacer } from "./pacer.ts";
import { createPolicyLedger, type PolicyLedger } from "./policy-ledger.ts";
import type { AgentState } from "./state/state-text.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import { createWorkQueue, type WorkQueue } from "./work-queue.ts";

export interface NodeEnforcementOptions
  extends Pick<NodeDataplaneOptions, "node" | "config" | "onFlow" | "onCut" | "onProblem" | "onRepair"> {
  readonly reactor: Reactor;
  readonly beforeSync: BeforeSync;
  readonly telemetry: Pick<Telemetry, "enforced" | "verified">;
  /** The kernel took nothing, which is tried again. */
  readonly onRefusal: (error: KernelError) => void;
  /** What was different when the kernel was read back, before it was put right. */
  readonly onDifferences: (differences: readonly Difference[]) => void;
  /** What cannot be gone on from: the process should end and be started anew. */
  readonly onFailure: (error: unknown) => void;
  /** Least milliseconds between two transactions; by default 50. */
  readonly gapMillis?: number;
}

/** The kernel of a node, from before anything is known of the cluster to following every change of it. */
export interface NodeEnforcement {
  /** Puts in force what is right while nobody has read the API server. */
  begin(state: AgentState | undefined, boot: string): Promise<Beginning>;
  /** The cluster, read whole: resolves when it is in force, however often that has to be tried. */
  enter(cluster: Cluster, versions: readonly PolicyVersionChange[]): Promise<void>;
  /** What became different since. */
  change(changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]): void;
  /** Reads the kernel back, and puts right what is different; undefined if there was something else to do first. */
  verify(): Promise<readonly Difference[] | undefined>;
  /** Undefined until something is known of the cluster. */
  readonly engines: PolicyEngines | undefined;
  /** Undefined until something is known of the cluster. */
  readonly dataplane: NodeDataplane | undefined;
  /** True once the whole cluster was in force. */
  readonly isEntered: boolean;
  readonly queue: WorkQueue;
  readonly ledger: PolicyLedger;
  /** When the kernel was last brought up to date, and how long after the oldest change was seen. */
  readonly lastEnforced: { readonly time: Date; readonly millis: number } | undefined;
  /** How often somebody else's change, or a difference that was found, was put right. */
  readonly repairs: number;
  /** Stops, when what is under way is done. The rules stay in force. */
  close(): Promise<void>;
}

/** First change at once, a burst together. */
const GAP_MILLIS = 50;
const RETRY_MILLIS = 5000;
const SECOND_LOOK_MILLIS = 300;

export function createNodeEnforcement(options: NodeEnforcementOptions): NodeEnforcement {
  const { node, reactor, telemetry, onFailure, onRefusal } = options;
  const queue = createWorkQueue();
  const ledger = createPolicyLedger();
  let engines: PolicyEngines | undefined;
  let dataplane: NodeDataplane | undefined;
  /** True once the dataplane keeps the kernel equal to the engines. */
  let isStarted = false;
  let isEntered = false;
  let isClosed = false;
  let guard: { close(): void } | undefined;
  /** What the table holds, as long as nobody touches it, until the dataplane has loaded its own. */
  let held: Program | undefined;
  let retry: NodeJS.Timeout | undefined;
  let lastEnforced: NodeEnforcement["lastEnforced"];
  let repairs = 0;

  // One thing at a time, as the engines must not go on between a look at the kernel and a comparison with them.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  const repaired = (repair: Repair): void => {
    repairs++;
    options.onRepair?.(repair);
  };

  const know = (cluster: Cluster): PolicyEngines => {
    engines = createPolicyEngines(cluster);
    dataplane = openNodeDataplane({
      ...options,
      engines,
      onRepair: repaired,
      onProblem: (problem) => {
        // Nearly always because somebody had changed the table a moment before: there is then nothing left to repair.
        if (problem.outcome === "replaced") repairs++;
        options.onProblem?.(problem);
      },
      onError: onFailure,
    });
    return engines;
  };

  const refused = (error: unknown): void => {
    if (!(error instanceof KernelError)) throw error;
    onRefusal(error);
  };

  const enforced = (report: EnforcementReport, millis: number): void => {
    const since = performance.now() - report.inForceAt;
    lastEnforced = { time: new Date(Date.now() - since), millis };
    telemetry.enforced(report, millis);
  };

  /** Loads what the engines say, for the first time. */
  const start = async (): Promise<EnforcementReport> => {
    const report = await dataplane!.start();
    isStarted = true;
    guard?.close();
    return report;
  };

  const enforceNow = async (): Promise<void> => {
    const changes = queue.take();
    const waited = queue.lagMillis();
    const begun = performance.now();
    engines!.apply(changes);
    const report = isStarted ? await dataplane!.enforce() : await start();
    // Connections are cut once the rules are in force: that is no part of how long the change took.
    enforced(report, waited + report.inForceAt - begun);
    queue.done();
    const { problems } = dataplane!.enforcer.inForce();
    ledger.enforce(new Set(problems.flatMap(({ policies }) => policies)));
    // The enforcer tries again by itself what the kernel refused; whether it did is seen only by asking.
    if (problems.length > 0) tryLater();
  };

  const pacer = createPacer({
    gapMillis: options.gapMillis ?? GAP_MILLIS,
    run: () => inTurn(enforceNow),
    onError: (error) => {
      if (!(error instanceof KernelError)) return onFailure(error);
      onRefusal(error);
      tryLater();
    },
  });
  const tryLater = (): void => {
    clearTimeout(retry);
    if (!isClosed) retry = setTimeout(() => pacer.request(), RETRY_MILLIS);
  };

  /**
   * Until the dataplane watches over the table itself: if somebody takes it away, or rules out of it, something must be in
   * its place.
   */
  const guardTable = (secure: () => Promise<boolean>): void => {
    const watch = watchNftables(reactor, (change) => {
      if (!change.overrun && !change.tables.has(TABLE)) return;
      if (isStarted || isClosed) return;
      const begun = performance.now();
      inTurn(secure)
        .then((isLoaded) => {
          if (!isLoaded) return;
          const by = change.overrun ? undefined : change.processName;
          const tableWasGone = !change.overrun && change.tableDeleted;
          repaired({ tableWasGone, repaired: 1, millis: performance.now() - begun, by });
        })
        .catch(onFailure);
    });
    guard = watch;
  };

  const withKernel = async <T>(
    work: (kernel: ReturnType<typeof nftablesKernel>) => Promise<T>,
  ): Promise<T> => {
    const kernel = nftablesKernel(node);
    try {
      return await work(kernel);
    } finally {
      kernel.close();
    }
  };
  /** True if there is no table, or it does not hold any more what it held. */
  const isDisturbed = (): Promise<boolean> =>
    withKernel(async (kernel) => {
      const found = held === undefined ? await kernel.read() : await readWithDoubt(kernel, held);
      if (found.chains.size === 0 || held === undefined) return found.chains.size === 0;
      const isForeign = found.foreign?.join() !== held.foreign?.join();
      return isForeign || !isEmptyChange(programChange(found, held));
    });
  const close = async (): Promise<void> => {
    await withKernel(closeNode);
    held = WAITING_PROGRAM;
  };

  return {
    begin: (state, boot) =>
      inTurn(async () => {
        const beginning = await withKernel((kernel) =>
          beginningOf(kernel, state, boot, options.config ?? DEFAULT_ENFORCEMENT),
        );
        if (beginning.kind !== "unknown" && beginning.known !== undefined) know(beginning.known);
        /** True if something was loaded. */
        const secure = async (): Promise<boolean> => {
          try {
            if (isStarted || !(await isDisturbed())) return false;
            if (dataplane !== undefined) await start();
            else if (options.beforeSync === "closed") await close();
            else return false;
            return true;
          } catch (error) {
            refused(error);
            return false;
          }
        };
        if (beginning.kind === "held") held = await withKernel((kernel) => kernel.read());
        else await secure();
        guardTable(secure);
        return beginning;
      }),
    enter: async (cluster, versions) => {
      if (engines === undefined) know(cluster);
      else queue.add(clusterChanges(engines.engine.cluster, cluster));
      queue.add([]);
      ledger.see(versions);
      while (!isClosed) {
        try {
          await inTurn(enforceNow);
          isEntered = true;
          return;
        } catch (error) {
          if (!(error instanceof KernelError)) throw error;
          onRefusal(error);
          await new Promise((resolve) => {
            retry = setTimeout(resolve, RETRY_MILLIS);
          });
        }
      }
    },
    change: (changes, versions) => {
      ledger.see(versions);
      queue.add(changes);
      pacer.request();
    },
    verify: () =>
      inTurn(async () => {
        if (!isStarted || queue.untaken > 0 || isClosed) return undefined;
        const begun = performance.now();
        let differences = await dataplane!.verify();
        if (differences.length > 0) {
          // While a large set grows, the kernel may list it with gaps for a moment.
          await sleep(SECOND_LOOK_MILLIS);
          differences = await dataplane!.verify();
        }
        telemetry.verified(differences.length, performance.now() - begun);
        if (differences.length > 0) {
          options.onDifferences(differences);
          repairs++;
          await dataplane!.enforcer.repair();
        }
        return differences;
      }),
    get engines() {
      return engines;
    },
    get dataplane() {
      return dataplane;
    },
    get isEntered() {
      return isEntered;
    },
    queue,
    ledger,
    get lastEnforced() {
      return lastEnforced;
    },
    get repairs() {
      return repairs;
    },
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      guard?.close();
      await pacer.close();
      await last;
      await dataplane?.close();
    },
  };
}
