import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import { type KubeResource, pathOf } from "../resource.ts";
import type { ResourceStatus } from "../source-status.ts";
import { createBackOff } from "./back-off.ts";
import type { FollowTimes } from "./follow-times.ts";
import { guardedSink, type ObjectSink } from "./object-sink.ts";
import { createOptionalKind } from "./optional-kind.ts";
import type { FollowProblem } from "./problem.ts";
import { createResourceReader, type SourceEventType } from "./resource-reader.ts";
import { createResourceState } from "./resource-state.ts";
import type { Presence } from "./served-kinds.ts";

export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly resource: KubeResource;
  readonly sink: ObjectSink;
  readonly times: FollowTimes;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** For a kind that need not be installed: whether it is. Throws a {@link KubeError} if that cannot be told. */
  readonly presence?: () => Promise<Presence>;
  /** Called when all objects have been told, or the kind was found to be absent: every time. */
  readonly onListed: () => void;
  readonly onEvent: (type: SourceEventType) => void;
  readonly onProblem: (problem: FollowProblem) => void;
}

/** Keeps a sink equal to what the API server has of one resource. */
export interface Reflector {
  status(): ResourceStatus;
  /** Resolves when nothing of it is left, which is soon after the signal is aborted. */
  readonly ended: Promise<void>;
}

/** After so many failures in a row, without anything in between, all is read anew: what is known may be the fault. */
const MOST_FAILURES = 5;
/** A server that says so has too much to do, or is not there: to read all from it then would be no help. */
const BUSY: ReadonlySet<number | undefined> = new Set([429, 502, 503]);

/**
 * 1. Reads all objects, then watches from there.
 * 2. Whatever ends a watch, the next one begins where it was: nothing is read twice and nothing is missed.
 * 3. All is read anew only if the server has forgotten that version (410), or fails again and again.
 * 4. What fails is tried again for ever, after waits that grow and differ from node to node; what was known stays.
 * 5. It is a loop: nothing gets deeper or longer however often things fail.
 */
export function startReflector(options: ReflectorOptions): Reflector {
  const { client, resource, times, random, signal, onEvent } = options;
  const backOff = createBackOff(times, random);
  const sink = guardedSink(resource, options.sink, options.onProblem);
  const state = createResourceState(resource, client.context);
  let failures = 0;
  const reader = createResourceReader({
    client,
    path: pathOf(resource),
    sink,
    state,
    times,
    random,
    signal,
    onListed: options.onListed,
    onEvent,
    onProgress: () => {
      failures = 0;
      kind?.seen();
      backOff.reset();
    },
  });
  const pause = (millis: number): Promise<void> => sleep(millis, undefined, { signal });

  const kind =
    options.presence &&
    createOptionalKind({
      resource,
      context: client.context,
      presence: options.presence,
      sink,
      state,
      onListed: options.onListed,
      pause: () => pause(times.kinds * (2 / 3 + (random() * 2) / 3)),
    });

  const recover = async (failure: KubeError): Promise<void> => {
    onEvent("error");
    if ((await kind?.outlasted(failure)) === true) {
      reader.reset();
      return;
    }
    if (failure.code === "expired") {
      reader.expire();
      state.listing();
      // Where one watch is too old, those of all nodes are.
      await pause(backOff.next() + random() * times.relistSpread);
      return;
    }
    if (failure.code === "server" && !BUSY.has(failure.status) && ++failures >= MOST_FAILURES) {
      failures = 0;
      reader.reset();
    }
    state.waiting(failure);
    await pause(backOff.next(failure.retryAfter));
  };

  const run = async (): Promise<void> => {
    await pause(random() * times.startSpread);
    for (;;) {
      try {
        await reader.read();
      } catch (error) {
        signal.throwIfAborted();
        await recover(kubeErrorOf(error, resource));
      }
    }
  };

  return {
    status: state.status,
    ended: run().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  };
}

function kubeErrorOf(error: unknown, { plural }: KubeResource): KubeError {
  if (error instanceof KubeError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new KubeError("server", `Following ${plural} failed: ${words}.`, undefined, { cause: error });
}
