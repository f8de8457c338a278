import { Readable } from "node:stream";
import type { KubeClient, Query } from "../client.ts";
import type { ResponseBody } from "../connections.ts";
import { PODS } from "../resource.ts";
import type { FollowTimes } from "./follow-times.ts";
import { idOf, type ObjectSink } from "./object-sink.ts";
import type { FollowProblem } from "./problem.ts";
import { type Reflector, startReflector } from "./reflector.ts";
import type { Presence } from "./served-kinds.ts";
import type { RawObject } from "./watch-event.ts";

/** One answer to a watch: what comes, in pieces, until it ends; "open" keeps it open after that. */
export type WatchAnswer = Iterable<string | Buffer | "open"> | (() => never);

/** What a server answers, one after the other; the last watch goes on for ever in silence. */
export interface Script {
  readonly watches: readonly WatchAnswer[];
  /** Pages of lists. */
  readonly pages?: readonly unknown[];
}

/** A reflector of pods at the end of a script, and what it has told. */
export interface Scripted {
  readonly reflector: Reflector;
  /** The queries of all watches and lists. */
  readonly queries: readonly Query[];
  /** `set shop/db 5`, `remove shop/db`, `keep 2`, `listed`. */
  readonly told: readonly string[];
  readonly problems: readonly FollowProblem[];
  readonly events: readonly string[];
  close(): Promise<void>;
}

export const FAST: FollowTimes = {
  startSpread: 0,
  relistSpread: 0,
  backOff: 1,
  longestBackOff: 1,
  watch: 300_000,
  silence: 150_000,
  kinds: 1,
};

/** A line of a watch. */
export function line(type: string, object: RawObject): string {
  return `${JSON.stringify({ type, object })}\n`;
}

export function podAt(name: string, resourceVersion: string): RawObject {
  return { kind: "Pod", metadata: { namespace: "shop", name, resourceVersion } };
}

/** The bookmark that ends the objects that there are. */
export function endOfList(resourceVersion: string): string {
  const annotations = { "k8s.io/initial-events-end": "true" };
  return line("BOOKMARK", { kind: "Pod", metadata: { resourceVersion, annotations } });
}

export function bookmark(resourceVersion: string): string {
  return line("BOOKMARK", { kind: "Pod", metadata: { resourceVersion } });
}

export function follow(
  { watches, pages = [] }: Script,
  options: {
    readonly times?: Partial<FollowTimes>;
    readonly sink?: Partial<ObjectSink>;
    readonly presence?: () => Promise<Presence>;
  } = {},
): Scripted {
  const queries: Query[] = [];
  const told: string[] = [];
  const problems: FollowProblem[] = [];
  const events: string[] = [];
  const controller = new AbortController();
  let nextWatch = 0;
  let nextPage = 0;
  const client = {
    context: {
      name: "prod",
      file: undefined,
      server: "https://prod",
      tls: { insecure: false },
      user: { name: "me" },
    },
    open: async (_path: string, query: Query, signal: AbortSignal): Promise<ResponseBody> => {
      queries.push(query);
      const answer = watches[nextWatch++] ?? ["open"];
      return bodyOf(typeof answer === "function" ? answer() : answer, signal);
    },
    get: async (_path: string, query: Query): Promise<unknown> => {
      queries.push(query);
      const page = pages[nextPage++];
      if (page instanceof Error) throw page;
      return page;
    },
  } as unknown as KubeClient;
  const reflector = startReflector({
    client,
    resource: PODS,
    sink: {
      set: (object) =>
        void told.push(
          `set ${idOf(object)} ${(object.metadata as { resourceVersion: string }).resourceVersion}`,
        ),
      remove: (id) => void told.push(`remove ${id}`),
      keepOnly: (ids) => void told.push(`keep ${ids.size}`),
      hold: () => undefined,
      release: () => undefined,
      ...options.sink,
    },
    times: { ...FAST, ...options.times },
    random: () => 0,
    signal: controller.signal,
    ...(options.presence === undefined ? {} : { presence: options.presence }),
    onListed: () => told.push("listed"),
    onEvent: (type) => events.push(type),
    onProblem: (problem) => problems.push(problem),
  });
  return {
    reflector,
    queries,
    told,
    problems,
    events,
    async close() {
      controller.abort();
      await reflector.ended;
    },
  };
}

function bodyOf(pieces: Iterable<string | Buffer>, signal: AbortSignal): ResponseBody {
  const iterator = pieces[Symbol.iterator]();
  return new Readable({
    signal,
    read() {
      const { done, value } = iterator.next();
      if (done === true) this.push(null);
      else if (value !== "open") this.push(value);
    },
  }) as unknown as ResponseBody;
}
