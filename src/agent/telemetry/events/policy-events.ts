import { type Clock, SYSTEM_CLOCK } from "../../../dataplane/flow-log/clock.ts";
import type { AgentLogger } from "../logger.ts";
import { createEventLimits, REPEAT_MILLIS } from "./event-limits.ts";
import {
  type EventPolicy,
  type EventReason,
  eventObject,
  type KubernetesEvent,
  posted,
} from "./event-object.ts";
import { postFailure } from "./post-failure.ts";

export interface PolicyEventsOptions {
  /** Creates an object, or rejects with a KubeError: a KubeClient. */
  readonly client: { post(path: string, body: object, signal: AbortSignal): Promise<unknown> };
  /** That of the agent. */
  readonly node: string;
  readonly logger: AgentLogger;
  readonly clock?: Clock;
}

/** Why a policy is not enforced as written. */
export interface PolicyTrouble {
  readonly reason: Exclude<EventReason, "PolicyEnforced">;
  /** In words for people. The same on every node if it holds on every node, so that they make one event. */
  readonly message: string;
}

/**
 * Kubernetes Events about policies that are not enforced as written, which `kubectl events --for` shows
 * (and `kubectl describe`, but not for NetworkPolicies). It promises:
 * 1. An event has a name that follows from what it says: all nodes that say the same make one event.
 * 2. One that still holds is posted again when the API server has forgotten it; the same one never more often.
 * 3. No more than 20 are posted at once, and then one every five seconds. The others wait.
 * 4. Nothing is thrown, and the log says once why events cannot be posted.
 */
export interface PolicyEvents {
  /**
   * What is wrong with a policy now, instead of what was told before; undefined: nothing. That it is well again is told
   * only if it was told that it was not.
   */
  report(policy: EventPolicy, trouble: PolicyTrouble | undefined): void;
  /** A policy was deleted: nothing is told of it any more. By its id, `NetworkPolicy shop/db`. */
  gone(id: string): void;
  /** Ends what is under way. */
  close(): void;
}

/** What is to be told of a policy, or was. */
interface Standing {
  readonly event: KubernetesEvent;
  /** When it is to be posted next. */
  dueAt: number;
  /** True if an event of something wrong is there. */
  wasTold: boolean;
}

/** After the API server refused one event. */
const REFUSED_MILLIS = 10 * 60_000;

export function createPolicyEvents(options: PolicyEventsOptions): PolicyEvents {
  const { client, node, logger, clock = SYSTEM_CLOCK } = options;
  /** By the id of the policy. */
  const standing = new Map<string, Standing>();
  const limits = createEventLimits();
  const end = new AbortController();
  /** Failures that the log has told since the last success. */
  const told = new Set<string>();
  let isPosting = false;
  let pausedUntil = 0;
  let cancelWake: (() => void) | undefined;

  const stand = (policy: EventPolicy, reason: EventReason, message: string): void => {
    const before = standing.get(idOf(policy));
    const event = eventObject(policy, reason, message, node);
    if (before?.event.metadata.name === event.metadata.name) return;
    const dueAt = limits.allowedAt(event.metadata.name, aboutOf(event), clock.now());
    const wasTold = before?.wasTold === true && isSame(before, policy);
    standing.set(idOf(policy), { event, dueAt, wasTold });
    wake(0);
  };

  const wake = (millis: number): void => {
    if (isPosting || end.signal.aborted) return;
    cancelWake?.();
    cancelWake = clock.after(millis, () => {
      cancelWake = undefined;
      void postDue();
    });
  };

  /** Posts what is due, one after the other, and sees to it that the rest is posted when it is. */
  const postDue = async (): Promise<void> => {
    isPosting = true;
    let wait = waitingMillis();
    while (wait === 0) {
      const [id, next] = nextDue()!;
      const token = limits.take(clock.now());
      if (token === true) await postOne(id, next);
      wait = token === true ? waitingMillis() : token;
    }
    isPosting = false;
    if (wait !== undefined) wake(wait);
  };

  const nextDue = (): readonly [id: string, Standing] | undefined => {
    let first: readonly [string, Standing] | undefined;
    for (const entry of standing) {
      if (first === undefined || entry[1].dueAt < first[1].dueAt) first = entry;
    }
    return first;
  };

  /** Until something is to be posted; undefined: nothing is. */
  const waitingMillis = (): number | undefined => {
    const next = nextDue();
    if (next === undefined || end.signal.aborted) return undefined;
    return Math.max(0, next[1].dueAt - clock.now(), pausedUntil - clock.now());
  };

  const postOne = async (id: string, one: Standing): Promise<void> => {
    const path = `/api/v1/namespaces/${one.event.metadata.namespace}/events`;
    try {
      await client.post(path, posted(one.event, clock.date()), end.signal);
      told.clear();
    } catch (error) {
      if (end.signal.aborted) return;
      const failure = postFailure(error);
      if (failure.outcome !== "exists") {
        if (failure.message !== undefined && !told.has(failure.code)) {
          told.add(failure.code);
          logger.warn({ code: failure.code }, failure.message);
        }
        if (failure.outcome === "pause") pausedUntil = clock.now() + failure.millis;
        else one.dueAt = clock.now() + REFUSED_MILLIS;
        return;
      }
    }
    limits.posted(one.event.metadata.name, aboutOf(one.event), clock.now());
    one.dueAt = clock.now() + REPEAT_MILLIS;
    one.wasTold = true;
    const current = standing.get(id);
    if (current !== one) {
      // What has come meanwhile follows upon it.
      if (current !== undefined && isSame(current, one.event.involvedObject)) current.wasTold = true;
    } else if (one.event.reason === "PolicyEnforced") standing.delete(id);
  };

  return {
    report: (policy, trouble) => {
      if (trouble !== undefined) {
        stand(policy, trouble.reason, trouble.message);
        return;
      }
      const before = standing.get(idOf(policy));
      if (before === undefined) return;
      if (!isSame(before, policy) || !before.wasTold) standing.delete(idOf(policy));
      else if (before.event.reason !== "PolicyEnforced") {
        stand(policy, "PolicyEnforced", "It is understood and enforced as written again.");
      }
    },
    gone: (id) => {
      standing.delete(id);
    },
    close: () => {
      end.abort();
      cancelWake?.();
    },
  };
}

/** As `policyId` makes it. */
function idOf({ kind, namespace, name }: EventPolicy): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** False if a policy was deleted and another made with its name. */
function isSame({ event }: Standing, { uid }: Pick<EventPolicy, "uid">): boolean {
  return event.involvedObject.uid === uid;
}

function aboutOf({ involvedObject, reason }: KubernetesEvent): string {
  return `${involvedObject.uid} ${reason}`;
}
