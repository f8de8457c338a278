import type { KubeClient, Query } from "../client.ts";
import { connectionError } from "../connection-error.ts";
import { KubeError } from "../kube-error.ts";
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
 * One watch from its begin to its end. Resolves to `ended` when the server has ended it in order; a line that was cut off
 * then was no event yet. Resolves to `silent` when nothing came for too long, which may be right: a server that has seen
 * no change of a kind since its start sends no bookmarks either. A question of its own would not tell, as its answer says
 * nothing of this stream. The same watch anew, from where this one was, does tell, and mends what was broken.
 *
 * Throws a {@link KubeError}: `expired` if the server does not know the version any more, in whichever of the ways in
 * which servers say so. Throws the signal's reason once aborted.
 */
export async function watchStream(
  client: KubeClient,
  path: string,
  { query, silence, signal, onOpen, onEvent }: WatchStreamOptions,
): Promise<"ended" | "silent"> {
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
  let timer: NodeJS.Timeout | undefined;
  let isSilent = false;
  try {
    const body = await client.open(path, { ...query, watch: true }, signal);
    timer = setTimeout(() => {
      isSilent = true;
      body.destroy();
    }, silence);
    onOpen();
    const lines = createLineReader(LONGEST_LINE);
    for await (const chunk of body) {
      timer.refresh();
      lines.push(chunk, onLine);
    }
    return isSilent ? "silent" : "ended";
  } catch (error) {
    signal.throwIfAborted();
    if (isSilent) return "silent";
    if (error instanceof RangeError) {
      throw new KubeError("server", `${where} sends an event that is too large: ${error.message}.`);
    }
    throw connectionError(error, context);
  } finally {
    clearTimeout(timer);
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
