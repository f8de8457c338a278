import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient, Query } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import { listAll } from "../list.ts";
import type { FollowTimes } from "./follow-times.ts";
import { idOf, type ObjectSink } from "./object-sink.ts";
import type { ResourceState } from "./resource-state.ts";
import { compareResourceVersions } from "./resource-version.ts";
import type { RawObject } from "./watch-event.ts";
import { type WatchedEvent, watchStream } from "./watch-stream.ts";

export type SourceEventType = "added" | "modified" | "deleted" | "bookmark" | "error";

export interface ResourceReaderOptions {
  readonly client: KubeClient;
  readonly path: string;
  /** Does not throw. */
  readonly sink: ObjectSink;
  readonly state: ResourceState;
  readonly times: FollowTimes;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onListed: () => void;
  readonly onEvent: (type: SourceEventType) => void;
  /** Something came that brings us further. */
  readonly onProgress: () => void;
}

/** Reads one resource, and knows how far it has been read. */
export interface ResourceReader {
  /** Reads all if that has to be, then watches. Resolves when the server has ended the watch in order. */
  read(): Promise<void>;
  /** The server has forgotten how far we are: all must be read. */
  expire(): void;
  /** As if nothing had been read yet. */
  reset(): void;
}

export function createResourceReader(options: ResourceReaderOptions): ResourceReader {
  const { client, path, sink, state, times, random, signal, onEvent } = options;
  const where = `${client.context.server}${path}`;
  /** Where a watch may go on; undefined if all must be read. */
  let version: string | undefined;
  /** The newest version that was seen: nothing older is believed, unless the server insists. */
  let newest: string | undefined;
  /** False if the server was asked to stream a list and would not. */
  let mayStream = true;

  const heard = (): void => {
    state.heard();
    options.onProgress();
  };

  const listed = (ids: ReadonlySet<string>, at: string): void => {
    version = at;
    newest = at;
    // It may be another server, or a newer one, that is asked for the next list.
    mayStream = true;
    sink.keepOnly(ids);
    state.listed(ids.size);
    heard();
    // What the list has changed is to be told before what it brings about.
    sink.release();
    options.onListed();
  };

  const advance = (to: string): void => {
    if (version !== undefined && (compareResourceVersions(to, version) ?? 0) < 0) {
      const message = `${where} sends version ${to} in a watch after ${version}.`;
      version = undefined;
      throw new KubeError("server", message, "Was etcd restored from a backup? All is read anew now.");
    }
    version = to;
    newest = to;
  };

  const set = (object: RawObject, type: SourceEventType): void => {
    onEvent(type);
    sink.set(object);
  };

  const remove = (object: RawObject): void => {
    onEvent("deleted");
    sink.remove(idOf(object));
  };

  const onChange = (event: WatchedEvent): void => {
    advance(event.resourceVersion);
    heard();
    switch (event.type) {
      case "ADDED":
        state.count(1);
        set(event.object, "added");
        break;
      case "MODIFIED":
        set(event.object, "modified");
        break;
      case "DELETED":
        state.count(-1);
        remove(event.object);
        break;
      case "BOOKMARK":
        onEvent("bookmark");
    }
  };

  const watch = async (
    query: Query,
    onOpen: () => void,
    onEach: (event: WatchedEvent) => void,
  ): Promise<void> => {
    const seconds = Math.ceil((times.watch * (1 + random())) / 1000);
    const began = performance.now();
    let events = 0;
    const end = await watchStream(client, path, {
      query: { ...query, allowWatchBookmarks: true, timeoutSeconds: seconds },
      silence: times.silence,
      signal,
      onOpen: () => {
        state.heard();
        onOpen();
      },
      onEvent: (event) => {
        events++;
        onEach(event);
      },
    });
    if (end === "silent") return;
    const lasted = (performance.now() - began) / 1000;
    if (events === 0 && lasted < Math.min(1, seconds / 2)) {
      throw new KubeError("server", `${where} ends every watch as soon as it has begun.`);
    }
    // A server that shuts down ends the watches of everybody at once.
    if (lasted < seconds * 0.9) await sleep(random() * times.backOff, undefined, { signal });
  };

  /** Page by page, each dropped before the next. Read as of now: without a version, no server answers from what it remembers. */
  const listPages = async (): Promise<void> => {
    const { taken, resourceVersion } = await listAll(client, path, {
      onVersion: (at) => {
        if (newest === undefined || (compareResourceVersions(at, newest) ?? 0) >= 0) return;
        throw new KubeError(
          "server",
          `${where} answers with version ${at}, after ${newest}.`,
          "Was etcd restored from a backup? Then this ends by itself soon. Else one of several API servers lags behind.",
        );
      },
      take: (item) => {
        set(item, "added");
        return [idOf(item)];
      },
      signal,
    });
    listed(new Set(taken), resourceVersion);
  };

  /**
   * A watch that begins with all objects, until a bookmark ends them: half the memory of pages here, and no walk of etcd
   * there (docs/decisions). Not older than what was known, else as of now. False if the server does not do that.
   */
  const streamAll = async (): Promise<boolean> => {
    let ids: Set<string> | undefined = new Set();
    const query = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", resourceVersion: newest };
    const onEach = (event: WatchedEvent): void => {
      if (ids === undefined) {
        onChange(event);
        return;
      }
      state.heard();
      switch (event.type) {
        case "ADDED":
        case "MODIFIED":
          ids.add(idOf(event.object));
          set(event.object, "added");
          break;
        case "DELETED":
          ids.delete(idOf(event.object));
          remove(event.object);
          break;
        case "BOOKMARK":
          if (!event.endsList) throw new StreamingRefused();
          listed(ids, event.resourceVersion);
          ids = undefined;
          state.watching();
      }
    };
    try {
      await watch(query, () => undefined, onEach);
    } catch (error) {
      if (ids !== undefined && isRefusal(error)) return false;
      throw error;
    }
    if (ids !== undefined) {
      throw new KubeError(
        "unreachable",
        `${where} began to send a list, and stopped in the middle.`,
        "Is the API server overloaded, or is there a load balancer between that cuts or holds back answers?",
      );
    }
    return true;
  };

  return {
    async read() {
      if (version === undefined) {
        state.listing();
        sink.hold();
        try {
          if (mayStream) {
            if (await streamAll()) return;
            mayStream = false;
          }
          await listPages();
        } finally {
          sink.release();
        }
      }
      await watch({ resourceVersion: version }, state.watching, onChange);
    },
    expire() {
      version = undefined;
    },
    reset() {
      version = undefined;
      newest = undefined;
    },
  };
}

/** A server that sends bookmarks before the one that ends the list has not understood what it was asked for. */
class StreamingRefused extends Error {}

/** Servers without the feature (before 1.32, and 1.33) say that they do not know, or forbid, the parameter. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof StreamingRefused ||
    (error instanceof KubeError && (error.status === 400 || error.status === 422))
  );
}
