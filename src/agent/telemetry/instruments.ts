import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { FlowLabel } from "./flow-counter.ts";

/** Metrics that count what happens. */
export interface Instruments {
  readonly syncDuration: Histogram;
  readonly transactionDuration: Histogram;
  readonly transactionOperations: Counter;
  readonly sourceEvents: Counter<"resource" | "type">;
  readonly apiRequests: Counter<"verb" | "resource" | "code">;
  readonly apiReceivedBytes: Counter<"verb" | "resource">;
  readonly nftErrors: Counter<"outcome">;
  readonly driftRepairs: Counter<"extent">;
  readonly driftRepairedObjects: Counter;
  readonly verifications: Counter<"result">;
  readonly verificationDuration: Histogram;
  readonly cutConnections: Counter;
  readonly flowPackets: Counter<FlowLabel>;
  readonly suppressedPackets: Counter<"cause">;
  readonly flowReaders: Gauge;
  readonly readersRefused: Counter;
  readonly readersMissed: Counter;
}

/** Seconds from a millisecond, what a small change takes, to a minute, when something is very wrong. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  const counter = <T extends string = string>(
    name: string,
    help: string,
    labelNames: readonly T[] = [],
  ): Counter<T> => new Counter({ name: `podwall_${name}`, help, labelNames: [...labelNames], registers });
  const histogram = (name: string, help: string): Histogram =>
    new Histogram({ name: `podwall_${name}`, help, buckets: SECONDS, registers });

  const instruments: Instruments = {
    syncDuration: histogram(
      "sync_duration_seconds",
      "From when the oldest change of a transaction was seen until it was in force.",
    ),
    transactionDuration: histogram(
      "transaction_duration_seconds",
      "From when a transaction was begun until the kernel had it.",
    ),
    transactionOperations: counter(
      "transaction_operations_total",
      "Rules, elements, sets and chains that were added to the kernel or taken away.",
    ),
    sourceEvents: counter("source_events_total", "Events of watches and lists of the API server.", [
      "resource",
      "type",
    ]),
    apiRequests: counter("api_requests_total", "Requests to the API server that have ended.", [
      "verb",
      "resource",
      "code",
    ]),
    apiReceivedBytes: counter("api_received_bytes_total", "Bytes of the API server's answers, as sent.", [
      "verb",
      "resource",
    ]),
    nftErrors: counter("nft_errors_total", "Transactions that nft refused, by what was done about it.", [
      "outcome",
    ]),
    driftRepairs: counter(
      "drift_repairs_total",
      "Times that the table in the kernel was put right after another program had changed it.",
      ["extent"],
    ),
    driftRepairedObjects: counter(
      "drift_repaired_objects_total",
      "Chains and sets that were put right after another program had changed them.",
    ),
    verifications: counter("verifications_total", "Comparisons of the whole kernel with the model.", [
      "result",
    ]),
    verificationDuration: histogram(
      "verification_duration_seconds",
      "What a comparison of the whole kernel with the model takes.",
    ),
    cutConnections: counter(
      "cut_connections_total",
      "Open connections that were ended because they are not allowed any more.",
    ),
    flowPackets: counter(
      "flow_packets_total",
      "Packets that the flow log told of. Of allowed connections only the first packet is one.",
      ["verdict", "direction", "policy_namespace"],
    ),
    suppressedPackets: counter(
      "flow_suppressed_packets_total",
      "Packets that the flow log only counted, because there were too many.",
      ["cause"],
    ),
    flowReaders: new Gauge({
      name: "podwall_flow_readers",
      help: "Open streams of /v1/flows.",
      registers,
    }),
    readersRefused: counter("flow_readers_refused_total", "Streams of /v1/flows that were one too many."),
    readersMissed: counter(
      "flow_reader_missed_packets_total",
      "Packets that streams of /v1/flows were too slow to hear of.",
    ),
  };
  startAtZero(instruments);
  return instruments;
}

/** A counter that appears with its first error has no rate then, so alerts would miss the first one. */
function startAtZero({ nftErrors, driftRepairs, verifications, suppressedPackets }: Instruments): void {
  for (const outcome of ["replaced", "closed", "unchanged"]) nftErrors.inc({ outcome }, 0);
  for (const extent of ["table", "part"]) driftRepairs.inc({ extent }, 0);
  for (const result of ["equal", "different"]) verifications.inc({ result }, 0);
  suppressedPackets.inc({ cause: "limits" }, 0);
}
