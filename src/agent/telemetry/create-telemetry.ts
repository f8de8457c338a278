import { Gauge, Registry } from "prom-client";
import { createFlowCounter } from "./flow-counter.ts";
import { createInstruments } from "./instruments.ts";
import type { AgentLogger } from "./logger.ts";
import { parsePolicyId } from "./policy-name.ts";
import { collectProcessMetrics } from "./process-metrics.ts";
import type { AgentView, Telemetry } from "./telemetry.ts";
import { createViewGauges } from "./view-gauges.ts";
import type { AgentWords } from "./words.ts";

export interface TelemetryOptions {
  readonly node: string;
  /** Of podwall. */
  readonly version: string;
  /** Asked when metrics are; undefined as long as there is nothing to ask. */
  readonly view: () => AgentView | undefined;
  readonly logger: AgentLogger;
  readonly words: AgentWords;
  /** True: denied and audited flows are logged, each as one line. */
  readonly logFlows?: boolean;
  /** False: without the metrics of the process. */
  readonly processMetrics?: boolean;
  /** Milliseconds, for whatever is measured from. */
  readonly now?: () => number;
}

/** What the server of an agent tells of its own readers. */
export interface ReaderTelemetry {
  /** How many read `/v1/flows` now. */
  readers(count: number): void;
  readerRefused(): void;
  /** Packets that a reader was too slow to hear of. */
  readerMissed(packets: number): void;
}

/** Metrics and log of an agent. */
export interface AgentTelemetry extends Telemetry, ReaderTelemetry {
  /** All metrics in Prometheus' text format, the state of the agent read anew. Rejects with what the view throws. */
  exposition(): Promise<string>;
  /** The media type of `exposition`. */
  readonly contentType: string;
  /** Names and types of all metrics. */
  readonly registry: Registry;
}

export function createTelemetry(options: TelemetryOptions): AgentTelemetry {
  const { node, version, logger, words, now = () => performance.now() } = options;
  const registry = new Registry();
  const metrics = createInstruments(registry);
  const flowCounter = createFlowCounter(metrics.flowPackets, now);
  const updateGauges = createViewGauges(registry);
  new Gauge({
    name: "podwall_build_info",
    help: "Always 1; the version of podwall is the label.",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
  if (options.processMetrics !== false) collectProcessMetrics(registry);

  return {
    registry,
    contentType: registry.contentType,
    exposition: async () => {
      const view = options.view();
      if (view !== undefined) {
        const namespaces = updateGauges(view).map(({ policy }) => parsePolicyId(policy).namespace);
        flowCounter.forget(new Set(namespaces.filter((namespace) => namespace !== undefined)));
      }
      return registry.metrics();
    },
    sourceEvent: (resource, type) => metrics.sourceEvents.inc({ resource, type }),
    apiRequest: (verb, resource, code, bytes) => {
      metrics.apiRequests.inc({ verb, resource, code });
      metrics.apiReceivedBytes.inc({ verb, resource }, bytes);
    },
    enforced: ({ generation, operations, millis, problems }, waitedMillis) => {
      metrics.syncDuration.observe(waitedMillis / 1000);
      if (operations > 0) metrics.transactionDuration.observe(millis / 1000);
      metrics.transactionOperations.inc(operations);
      logger.debug(
        { generation, operations, millis: Math.round(millis), waitedMillis: Math.round(waitedMillis) },
        problems.length === 0 ? "in force" : "in force, with problems",
      );
    },
    problem: (problem) => {
      const { outcome, message, pods, policies } = problem;
      metrics.nftErrors.inc({ outcome });
      logger[outcome === "replaced" ? "warn" : "error"](
        {
          problem: {
            outcome,
            message,
            pods: pods.slice(0, MOST_NAMES),
            policies: policies.slice(0, MOST_NAMES),
          },
        },
        words.problem(node, problem),
      );
    },
    repaired: (repair) => {
      metrics.driftRepairs.inc({ extent: repair.tableWasGone ? "table" : "part" });
      metrics.driftRepairedObjects.inc(repair.repaired);
      logger.warn({ repair: { ...repair, millis: Math.round(repair.millis) } }, words.repair(node, repair));
    },
    verified: (differences, millis) => {
      metrics.verifications.inc({ result: differences === 0 ? "equal" : "different" });
      metrics.verificationDuration.observe(millis / 1000);
    },
    cut: (connections) => metrics.cutConnections.inc(connections),
    flow: (event) => {
      if (event.kind === "suppressed") metrics.suppressedPackets.inc({ cause: event.cause }, event.count);
      else flowCounter.count(event);
      if (options.logFlows !== true || (event.kind === "flow" && event.verdict === "allowed")) return;
      logger.info({ flow: words.flowDocument(event) }, words.flowLine(event));
    },
    bridge: ({ code, message }) => logger.error({ code }, message),
    readers: (count) => metrics.flowReaders.set(count),
    readerRefused: () => metrics.readersRefused.inc(),
    readerMissed: (packets) => metrics.readersMissed.inc(packets),
  };
}

/** Of pods and policies in a line of the log. */
const MOST_NAMES = 20;
