import { setTimeout as sleep } from "node:timers/promises";
import { isMapping } from "../../../k8s/check.ts";
import type { KubeClient } from "../client.ts";
import { KubeError } from "../kube-error.ts";
import { listAll } from "../list.ts";
import { type KubeResource, pathOf } from "../resource.ts";
import type { ResourceStatus } from "../source-status.ts";
import { createBackOff } from "./back-off.ts";
import type { FollowTimes } from "./follow-times.ts";
import { type FollowProblem, tell } from "./problem.ts";
import { compareResourceVersions } from "./resource-version.ts";
import type { RawObject } from "./watch-event.ts";
import { helpOf } from "./watch-rights.ts";
import { type WatchedEvent, watchStream } from "./watch-stream.ts";

/** Where the objects of one resource go. What these throw is reported, and stops nothing. */
export interface ObjectSink<T> {
  /** All objects that there are. */
  replace(objects: readonly T[]): void;
  set(object: T): void;
  /** `namespace/name`, or the name of an object that is in no namespace. */
  remove(id: string): void;
}

export type SourceEventType = "added" | "modified" | "deleted" | "bookmark" | "error";

export interface ReflectorOptions<T> {
  readonly client: KubeClient;
  readonly resource: KubeResource;
  /** What to keep of an object; undefined: it was not understood (and that was said). */
  readonly take: (object: RawObject) => T | undefined;
  readonly sink: ObjectSink<T>;
  readonly times: FollowTimes;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** For a kind that need not be installed: resolves to false if it is not, for all that can be told. */
  readonly isServed?: () => Promise<boolean>;
  /** Called when a list has been read, or was found not to be there: every time. */
  readonly onListed: () => void;
  readonly onEvent: (type: SourceEventType) => void;
  readonly onProblem: (problem: FollowProblem) => void;
}

/** Keeps a sink equal to what the API server has of one resource. */
export interface Reflector {
  status(): ResourceStatus;
  /** Resolves when it has ended, which it does when the signal is aborted. */
  readonly ended: Promise<void>;
}

/** After so many failures in a row of a watch on which nothing came, all is read anew: the version may be the fault. */
const FAILURES_BEFORE_LIST = 3;
/** So often a list that is older than what was known is not believed. */
const OLD_LISTS = 3;

export function startReflector<T>(options: ReflectorOptions<T>): Reflector {
  const { client, resource, sink, times, random, signal, onEvent, onProblem } = options;
  const path = pathOf(resource);
  const backOff = createBackOff(times, random);
  const status = { state: "listing" as ResourceStatus["state"], objects: 0, lists: 0, watches: 0 };
  let trouble: KubeError | undefined;
  let lastHeard: number | undefined;
  /** Where a watch may go on; undefined if all must be read. */
  let version: string | undefined;
  /** The newest version ever seen. */
  let newest: string | undefined;
  let oldLists = 0;
  /** How many watches in a row the server has failed on which nothing came. */
  let fruitless = 0;
  /** How often in a row a kind that was known has been found to be absent. */
  let absences = 0;

  const heard = (): void => {
    lastHeard = Date.now();
    trouble = undefined;
    fruitless = 0;
    absences = 0;
    backOff.reset();
  };

  const take = (object: RawObject): T | undefined => {
    let taken: T | undefined;
    tell(
      resource,
      `${resource.kind} ${idOf(object)}`,
      () => {
        taken = options.take(object);
      },
      onProblem,
    );
    return taken;
  };

  const listed = (objects: readonly T[], at: string): void => {
    // Every list here is read as of now, never from whatever some server may remember (resourceVersion=0). It can be older
    // than what was known only if the server is wrong, or if etcd was restored from a backup: then it is right at last.
    const isOlder = newest !== undefined && (compareResourceVersions(at, newest) ?? 0) < 0;
    if (isOlder && ++oldLists < OLD_LISTS) {
      throw new KubeError(
        "server",
        `${client.context.server}${path} answers with version ${at}, which is older than ${newest}, which it had before.`,
        "Was etcd restored from a backup? Then this ends by itself soon. Else one of several API servers lags behind.",
      );
    }
    oldLists = 0;
    newest = at;
    version = at;
    status.objects = objects.length;
    status.lists++;
    heard();
    tell(resource, `a list of ${resource.plural}`, () => sink.replace(objects), onProblem);
    tell(resource, `a list of ${resource.plural}`, options.onListed, onProblem);
  };

  const advance = (to: string): void => {
    if (version !== undefined && (compareResourceVersions(to, version) ?? 0) < 0) {
      const from = version;
      version = undefined;
      throw new KubeError(
        "server",
        `${client.context.server}${path} sends version ${to} in a watch, after ${from}.`,
        "Was etcd restored from a backup? All is read anew now.",
      );
    }
    version = to;
    newest = to;
  };

  const handle = (event: WatchedEvent): void => {
    advance(event.resourceVersion);
    heard();
    switch (event.type) {
      case "BOOKMARK":
        onEvent("bookmark");
        break;
      case "DELETED":
        onEvent("deleted");
        status.objects--;
        tell(
          resource,
          `deleted ${resource.kind} ${idOf(event.object)}`,
          () => sink.remove(idOf(event.object)),
          onProblem,
        );
        break;
      default: {
        onEvent(event.type === "ADDED" ? "added" : "modified");
        if (event.type === "ADDED") status.objects++;
        const taken = take(event.object);
        if (taken === undefined) break;
        tell(resource, `${resource.kind} ${idOf(event.object)}`, () => sink.set(taken), onProblem);
      }
    }
  };

  const list = async (): Promise<void> => {
    status.state = "listing";
    const { taken, resourceVersion } = await listAll(client, path, {
      take: (item) => {
        onEvent("added");
        const one = take(item);
        return one === undefined ? [] : [one];
      },
      signal,
    });
    listed(taken, resourceVersion);
  };

  const watch = async (): Promise<void> => {
    const seconds = Math.ceil((times.watch * (1 + random())) / 1000);
    const began = performance.now();
    const before = version;
    let events = 0;
    await watchStream(client, path, {
      query: { resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: seconds },
      silence: times.silence,
      signal,
      onOpen: () => {
        status.watches++;
        status.state = "watching";
        trouble = undefined;
        lastHeard = Date.now();
      },
      onEvent: (event) => {
        events++;
        handle(event);
      },
    });
    const lasted = (performance.now() - began) / 1000;
    if (lasted > seconds * 0.9) return;
    if (events === 0 && before === version && lasted < 1) {
      throw new KubeError("server", `${client.context.server}${path} ends every watch at once.`);
    }
    // A server that shuts down ends the watches of everybody.
    await sleep(random() * times.backOff, undefined, { signal });
  };

  const becomeAbsent = async (): Promise<void> => {
    status.state = "absent";
    status.objects = 0;
    version = undefined;
    trouble = undefined;
    tell(resource, `the end of ${resource.plural}`, () => sink.replace([]), onProblem);
    tell(resource, `the end of ${resource.plural}`, options.onListed, onProblem);
    do {
      await sleep(times.kinds * (2 / 3 + (random() * 2) / 3), undefined, { signal });
    } while (!(await options.isServed!().catch(() => false)));
    status.state = "listing";
  };

  /** True if the kind is not installed, which servers tell only to those who may list it. */
  const isAbsent = async ({ code }: KubeError): Promise<boolean> => {
    if (options.isServed === undefined || (code !== "not-found" && code !== "forbidden")) return false;
    if (await options.isServed().catch(() => true)) return false;
    absences++;
    // What is known is not given up for one answer.
    return absences > 1 || status.objects === 0;
  };

  const recover = async (error: unknown): Promise<void> => {
    onEvent("error");
    const failure = kubeErrorOf(error, resource);
    if (await isAbsent(failure)) return becomeAbsent();
    if (failure.code === "expired") {
      version = undefined;
      status.state = "listing";
      // Where one watch is too old, those of all nodes are.
      await sleep(backOff.next() + random() * times.relistSpread, undefined, { signal });
      return;
    }
    if (failure.code === "server" && ++fruitless >= FAILURES_BEFORE_LIST) {
      fruitless = 0;
      version = undefined;
    }
    status.state = "waiting";
    trouble = failure;
    await sleep(backOff.next(failure.retryAfter), undefined, { signal });
  };

  const run = async (): Promise<void> => {
    await sleep(random() * times.startSpread, undefined, { signal });
    while (!signal.aborted) {
      try {
        if (version === undefined) await list();
        await watch();
      } catch (error) {
        signal.throwIfAborted();
        await recover(error);
      }
    }
  };

  return {
    status: () => ({
      resource: resource.plural,
      ...status,
      ...(lastHeard === undefined ? {} : { lastHeard: new Date(lastHeard).toISOString() }),
      ...(trouble === undefined ? {} : troubleInWords(trouble, resource, client)),
    }),
    ended: run().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  };
}

function troubleInWords(
  trouble: KubeError,
  resource: KubeResource,
  { context }: KubeClient,
): Pick<ResourceStatus, "error" | "help"> {
  const help = helpOf(trouble, resource, context);
  return { error: trouble.message, ...(help === undefined ? {} : { help }) };
}

function kubeErrorOf(error: unknown, { plural }: KubeResource): KubeError {
  if (error instanceof KubeError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new KubeError("server", `Following ${plural} failed: ${words}.`, undefined, { cause: error });
}

/** `namespace/name`, or the name alone. */
export function idOf({ metadata }: RawObject): string {
  const { namespace, name } = isMapping(metadata) ? metadata : {};
  return typeof namespace === "string" ? `${namespace}/${String(name)}` : String(name);
}
