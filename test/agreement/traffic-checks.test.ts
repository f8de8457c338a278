// What checks say of both sides of connections, and of DNS, is what the engine says of each pair of pods.
import { expect, it } from "vitest";
import type { CheckContext } from "../../src/analysis/check/check.ts";
import { checkContext } from "../../src/analysis/check/run-checks.ts";
import { closedPeers } from "../../src/analysis/check/traffic/closed-peers.ts";
import { egressWithoutDns } from "../../src/analysis/check/traffic/egress-without-dns.ts";
import type { Cluster, ClusterPod } from "../../src/cluster/cluster.ts";
import { rulePorts } from "../../src/engine/ports.ts";
import { FAMILIES } from "../../src/net/address.ts";
import { intersectPorts, NO_PORTS, type PortSet, portSetHas, unionPorts } from "../../src/net/port-set.ts";
import type { PodSelection } from "../../src/policy/policy.ts";
import { randomCluster } from "../generators/cluster.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = 1500;

function contextOf(cluster: Cluster): CheckContext {
  return checkContext({ cluster, declaredNamespaces: new Map(), everything: true });
}

/** What passes between two pods, in any family. */
function passing({ engine }: CheckContext, from: ClusterPod, to: ClusterPod): PortSet {
  return FAMILIES.map((family) => engine.ports(engine.endOf(from), engine.endOf(to), family)).reduce(
    unionPorts,
  );
}

it("nothing of what a rule allows reaches a closed peer, or comes from it", { timeout: 300_000 }, () => {
  const seen = { ingress: 0, egress: 0, counterparts: 0 };
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const context = contextOf(engineOf(randomCluster(seed)).cluster);
    const podsOf = (selection: PodSelection): readonly ClusterPod[] => context.selected.podsOf(selection);
    for (const { checked, rule, peer, counterpart, by } of closedPeers(context)) {
      for (const subject of podsOf(checked.policy.subject)) {
        for (const other of podsOf(peer.selection)) {
          if (subject === other) continue;
          const [from, to] = rule.direction === "egress" ? [subject, other] : [other, subject];
          const ports = intersectPorts(rulePorts(rule, to.ports), passing(context, from, to));
          expect(ports.key, `seed ${seed}: ${from.id} to ${to.id}`).toBe(NO_PORTS.key);
        }
      }
      expect(by.policies.length).toBeGreaterThan(0);
      seen[rule.direction]++;
      if (counterpart !== undefined) seen.counterparts++;
    }
  }
  expect(Math.min(seen.ingress, seen.egress)).toBeGreaterThan(20);
  expect(seen.counterparts).toBeGreaterThan(0);
});

it("pods without DNS cannot ask the DNS pods, and are isolated", { timeout: 300_000 }, () => {
  let found = 0;
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const { cluster } = engineOf(randomCluster(seed));
    // Every third pod answers names.
    const pods = cluster.pods.map((pod, i) =>
      i % 3 > 0 ? pod : { ...pod, ports: [...pod.ports, { port: 53, protocol: "UDP" as const }] },
    );
    const context = contextOf({ ...cluster, pods });
    const servers = pods.filter((pod, i) => i % 3 === 0 && !pod.hostNetwork);
    if (servers.length === 0) continue;
    for (const { message } of egressWithoutDns.run(context)) {
      const [, names] = /^(.*) \(\d+ pods?\) may connect/.exec(message)!;
      // Only what is told in full: of many pods some are counted.
      if (/ more$/.test(names!)) continue;
      const workloads = names!.split(/, | and /);
      const asking = pods.filter(
        (pod) => workloads.includes(pod.workload.replace(/\[.*$/, "")) && !servers.includes(pod),
      );
      for (const name of workloads) {
        const lacks = asking.some(
          (pod) =>
            pod.workload.startsWith(`${name}[`) &&
            servers.every((server) =>
              FAMILIES.every(
                (family) =>
                  !portSetHas(
                    context.engine.sidePorts(
                      "egress",
                      context.engine.endOf(pod),
                      context.engine.endOf(server),
                      family,
                    ),
                    { protocol: "UDP", port: 53 },
                  ),
              ),
            ),
        );
        expect(lacks, `seed ${seed}: ${name}: ${message}`).toBe(true);
        found++;
      }
    }
  }
  expect(found).toBeGreaterThan(20);
});
