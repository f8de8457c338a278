import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import { type KubeResource, pathOf } from "../resource.ts";
import type { ResourceStatus } from "../source-status.ts";
import { createBackOff } from "./back-off.ts";
import type { FollowTimes } from "./follow-times.ts";
import { guardedSink, type ObjectSink } from "./object-sink.ts";
import type { FollowProblem } from "./problem.ts";
import { createResourceReader, type SourceEventType } from "./resource-reader.ts";
import { createResourceState } from "./resource-state.ts";

export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly resource: KubeResource;
  readonly sink: ObjectSink;
  readonly times: FollowTimes;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** For a kind that need not be installed: resolves to false if it is not. Throws if that cannot be told. */
  readonly isServed?: () => Promise<boolean>;
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

/** After so many failures in a row of the server, without anything in between, all is read anew: what is known may be the fault. */
const MOST_FAILURES = 3;

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
  /** How often in a row a kind that was known has been found to be absent. */
  let absences = 0;
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
      absences = 0;
      backOff.reset();
    },
  });
  const pause = (millis: number): Promise<void> => sleep(millis, undefined, { signal });

  const waitUntilServed = async (): Promise<void> => {
    do await pause(times.kinds * (2 / 3 + (random() * 2) / 3));
    while (!(await options.isServed!().catch(() => false)));
  };

  /** True if the kind is not installed, which servers tell only to those who may list it. */
  const isAbsent = async ({ code }: KubeError): Promise<boolean> => {
    if (options.isServed === undefined || (code !== "not-found" && code !== "forbidden")) return false;
    if (await options.isServed().catch(() => true)) return false;
    absences++;
    // A server that has just started may not know yet who may do what, nor its kinds. So what is in force is not given up for
    // one answer, and nobody who starts with it believes that there is nothing to enforce.
    return absences > 1 || (state.objects() === 0 && code === "not-found");
  };

  const recover = async (failure: KubeError): Promise<void> => {
    onEvent("error");
    if (await isAbsent(failure)) {
      reader.reset();
      state.absent();
      sink.keepOnly(new Set());
      options.onListed();
      await waitUntilServed();
      state.listing();
      return;
    }
    if (failure.code === "expired") {
      reader.expire();
      state.listing();
      // Where one watch is too old, those of all nodes are.
      await pause(backOff.next() + random() * times.relistSpread);
      return;
    }
    if (failure.code === "server" && ++failures >= MOST_FAILURES) {
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
