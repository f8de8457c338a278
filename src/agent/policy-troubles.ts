import type { PolicyVersion } from "../source/kube/policy-version.ts";
import { eventPolicy } from "./telemetry/events/event-policy.ts";
import type { PolicyEvents, PolicyTrouble } from "./telemetry/events/policy-events.ts";

export interface PolicyTroublesOptions {
  readonly events: Pick<PolicyEvents, "report" | "gone">;
  /** What is wrong now, by policy; only of those that this node has pods of. */
  readonly current: () => ReadonlyMap<string, PolicyTrouble>;
  /** The version of a policy that was seen last; undefined: it is gone. */
  readonly version: (policy: string) => PolicyVersion | undefined;
  readonly delayMillis?: number;
}

/** Tells of policies what is wrong with them, and when they are well again. */
export interface PolicyTroubles {
  /** Something may be different: it is looked at a little later, once for many calls. */
  touch(): void;
  close(): void;
}

/** Long enough that a burst is looked at once, short enough for somebody who has just run kubectl apply. */
const DELAY_MILLIS = 500;

export function createPolicyTroubles(options: PolicyTroublesOptions): PolicyTroubles {
  const { events, current, version, delayMillis = DELAY_MILLIS } = options;
  /** What was told, and of which object. */
  const told = new Map<string, { readonly trouble: PolicyTrouble; readonly version: PolicyVersion }>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    timer = undefined;
    const troubles = current();
    for (const [policy, before] of told) {
      const now = version(policy);
      if (now?.uid !== before.version.uid) events.gone(policy);
      else if (!troubles.has(policy)) events.report(eventPolicy(policy, now), undefined);
      else continue;
      told.delete(policy);
    }
    for (const [policy, trouble] of troubles) {
      const now = version(policy);
      const before = told.get(policy);
      if (now === undefined || (before !== undefined && isSame(before, trouble, now))) continue;
      told.set(policy, { trouble, version: now });
      events.report(eventPolicy(policy, now), trouble);
    }
  };

  return {
    touch: () => {
      timer ??= setTimeout(look, delayMillis).unref();
    },
    close: () => clearTimeout(timer),
  };
}

function isSame(
  before: { readonly trouble: PolicyTrouble; readonly version: PolicyVersion },
  trouble: PolicyTrouble,
  version: PolicyVersion,
): boolean {
  return (
    before.version.generation === version.generation &&
    before.trouble.reason === trouble.reason &&
    before.trouble.message === trouble.message
  );
}
