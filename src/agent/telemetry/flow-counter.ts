import type { Counter } from "prom-client";
import type { FlowEvent } from "../../dataplane/flow-log/event.ts";
import { parsePolicyId } from "./policy-name.ts";

/** Labels of the packets that the flow log tells of. */
export type FlowLabel = "verdict" | "direction" | "policy_namespace";

/** Instead of a namespace; no namespace can have such a name. */
export const OF_CLUSTER_POLICIES = "_cluster";
export const OF_NO_POLICY = "_none";
export const OF_OTHER_NAMESPACES = "_other";

/** Counts packets by the namespace of the policies that decided. */
export interface FlowCounter {
  count(event: FlowEvent): void;
  /** Lets go of namespaces where no policy is any more and nothing was counted for a while. */
  forget(namespaces: ReadonlySet<string>): void;
}

const QUIET_MILLIS = 15 * 60_000;

/**
 * A series costs memory here and in Prometheus, and namespaces come and go by the thousand: no more than `mostNamespaces`
 * have series of their own at a time, the packets of the rest are counted together.
 */
export function createFlowCounter(
  counter: Counter<FlowLabel>,
  now: () => number,
  mostNamespaces = 1000,
): FlowCounter {
  /** When a packet was counted last, and the series that there are. */
  const namespaces = new Map<string, { last: number; readonly series: Set<string> }>();

  const namespaceOf = ({ policies }: FlowEvent): string => {
    // Several policies that decide together isolate one pod, so they are of its namespace.
    const [policy] = policies;
    if (policy === undefined) return OF_NO_POLICY;
    const { namespace = OF_CLUSTER_POLICIES } = parsePolicyId(policy);
    if (namespace.startsWith("_") || namespaces.has(namespace)) return namespace;
    return namespaces.size < mostNamespaces ? namespace : OF_OTHER_NAMESPACES;
  };

  return {
    count: (event) => {
      const { verdict, direction } = event;
      const namespace = namespaceOf(event);
      counter.inc({ verdict, direction, policy_namespace: namespace }, event.repeated + 1);
      if (namespace.startsWith("_")) return;
      const known = namespaces.get(namespace) ?? { last: 0, series: new Set() };
      known.last = now();
      known.series.add(`${verdict} ${direction}`);
      namespaces.set(namespace, known);
    },
    forget: (still) => {
      for (const [namespace, { last, series }] of namespaces) {
        if (still.has(namespace) || now() - last < QUIET_MILLIS) continue;
        namespaces.delete(namespace);
        for (const one of series) {
          const [verdict = "", direction = ""] = one.split(" ");
          counter.remove({ verdict, direction, policy_namespace: namespace });
        }
      }
    },
  };
}
