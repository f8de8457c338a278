// A small cluster with packets of its pods, and a clock that a test moves.
import { buildCluster } from "../../cluster/build.ts";
import { namespaceObject, nodeObject, podObject, policyObject } from "../../cluster/objects.fixture.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";
import type { ClusterPolicy, NetworkPolicy } from "../../k8s/objects.ts";
import type { Clock } from "./clock.ts";
import { type LoggedPacket, type LoggedVerdict, logPrefix } from "./logged-packet.ts";
import { ipPacket, tcp } from "./packets.fixture.ts";

export const ADDRESSES = {
  db: "10.244.0.1",
  web: "10.244.0.2",
  job: "10.244.1.3",
  db6: "fd00::1",
  web6: "fd00::2",
  n1: "192.0.2.1",
  n2: "192.0.2.2",
  outside: "203.0.113.9",
} as const;

/** Lets only pods with server=api enter pod db, on TCP 3306. */
export const DB_POLICY: NetworkPolicy = policyObject("db-policy", {
  podSelector: { matchLabels: { app: "db" } },
  ingress: [
    {
      from: [{ podSelector: { matchLabels: { server: "api" } } }],
      ports: [{ protocol: "TCP", port: 3306 }],
    },
  ],
});

/** Pods db, web (server=web) and, on the host network of node n2, agent and proxy; job of namespace batch. */
export function engineOf(...policies: readonly (NetworkPolicy | ClusterPolicy)[]): Engine {
  const { cluster, findings } = buildCluster([
    namespaceObject("shop"),
    namespaceObject("batch", { team: "night" }),
    nodeObject("n1", ADDRESSES.n1),
    nodeObject("n2", ADDRESSES.n2),
    podObject("db", { labels: { app: "db" }, nodeName: "n1", addresses: [ADDRESSES.db, ADDRESSES.db6] }),
    podObject("web", {
      labels: { app: "web", server: "web" },
      nodeName: "n1",
      addresses: [ADDRESSES.web, ADDRESSES.web6],
    }),
    podObject("job", { namespace: "batch", nodeName: "n2", addresses: [ADDRESSES.job] }),
    podObject("agent", {
      nodeName: "n2",
      hostNetwork: true,
      ports: [
        { name: "metrics", port: 9100, protocol: "TCP" },
        { name: "shared", port: 9300, protocol: "TCP" },
      ],
    }),
    podObject("proxy", {
      nodeName: "n2",
      hostNetwork: true,
      ports: [{ name: "shared", port: 9300, protocol: "TCP" }],
    }),
    ...policies,
  ]);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return createEngine(cluster);
}

/** A logged packet; by default one that the destination's side denied. */
export function logged(payload: Buffer, as: Partial<LoggedVerdict> = {}): LoggedPacket {
  const prefix = logPrefix({ verdict: "denied", direction: "ingress", ...as });
  return { prefix, family: payload[0]! >> 4 === 6 ? 6 : 4, payload };
}

/** A logged segment that opens a TCP connection. */
export function syn(from: string, to: string, port: number, as: Partial<LoggedVerdict> = {}): LoggedPacket {
  return logged(ipPacket(from, to, 6, tcp(40_000, port)), as);
}

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /** Moves on, and runs what is due on the way. Resolves when promises that it began have settled. */
  pass(millis: number): Promise<void>;
  /** Things that wait for their time. */
  readonly waiting: number;
}

export function testClock(): TestClock {
  let now = 0;
  const jobs = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    date: () => Date.UTC(2030, 0, 1) + now,
    now: () => now,
    after: (millis, run) => {
      const job = { at: now + millis, run };
      jobs.add(job);
      return () => jobs.delete(job);
    },
    get waiting() {
      return jobs.size;
    },
    async pass(millis) {
      const end = now + millis;
      for (;;) {
        const next = [...jobs].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = next.at;
        jobs.delete(next);
        next.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}
