import type { KubeClient, Query } from "../client.ts";
import { connectionError } from "../connection-error.ts";
import { KubeError } from "../kube-error.ts";
import { limitedSignal } from "../limited-signal.ts";
import { createLineReader } from "./json-lines.ts";
import { readWatchEvent, type WatchEvent } from "./watch-event.ts";

/** An event that is no error. */
export type WatchedEvent = Exclude<WatchEvent, { readonly type: "ERROR" }>;

export interface WatchStreamOptions {
  /** Without `watch`. */
  readonly query: Query;
  /** After so many milliseconds without a byte the watch is given up. */
  readonly silence: number;
  readonly signal: AbortSignal;
  /** Called when the server has agreed to it. */
  readonly onOpen: () => void;
  /** Told of every event in order. What it throws ends the watch. */
  readonly onEvent: (event: WatchedEvent) => void;
}

/** Objects have 1.5 MB at most in etcd, unless it was told otherwise; as JSON they may be some times as long. */
const LONGEST_LINE = 64 * 1024 * 1024;

/**
 * One watch from its begin to its end. Resolves when the server has ended it in order; a line that was cut off then was
 * no event yet. Throws a {@link KubeError}: `expired` if the server does not know the version any more, in whichever of
 * the ways in which servers say so; `unreachable` if nothing came for too long. Throws the signal's reason once aborted.
 *
 * Silence is not looked into with a question of its own: whether the server answers another request says nothing of this
 * stream. The same watch anew, from where this one was, does, and it mends what is broken.
 */
export async function watchStream(
  client: KubeClient,
  path: string,
  { query, silence, signal, onOpen, onEvent }: WatchStreamOptions,
): Promise<void> {
  const { context } = client;
  const where = `${context.server}${path}`;
  const onLine = (line: string): void => {
    const event = readWatchEvent(line);
    if (event === undefined) {
      throw new KubeError(
        "server",
        `${where} sends something in a watch that is no event.`,
        "Is there a proxy between that changes or cuts answers?",
      );
    }
    if (event.type === "ERROR") throw errorOf(event, where);
    onEvent(event);
  };
  const limited = limitedSignal(signal, silence);
  try {
    const body = await client.open(path, { ...query, watch: true }, limited.signal);
    onOpen();
    const lines = createLineReader(LONGEST_LINE);
    for await (const chunk of body) {
      limited.extend();
      lines.push(chunk, onLine);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (limited.isOver()) {
      throw new KubeError(
        "unreachable",
        `Nothing has come from ${where} for ${silence / 1000} s, not even that nothing has changed.`,
        "Is the API server overloaded, or is there a load balancer or a firewall between that has lost the connection?",
      );
    }
    if (error instanceof RangeError) {
      throw new KubeError("server", `${where} sends an event that is too large: ${error.message}.`);
    }
    throw connectionError(error, context);
  } finally {
    limited.release();
  }
}

function errorOf(
  { code, message, retryAfter }: Extract<WatchEvent, { type: "ERROR" }>,
  where: string,
): KubeError {
  const words = `${where} has ended a watch: ${code} ${message}`;
  return new KubeError(code === 410 ? "expired" : "server", words, undefined, {
    status: code,
    ...(retryAfter === undefined ? {} : { retryAfter: retryAfter * 1000 }),
  });
}
