import { describe, expect, it } from "vitest";
import {
  adminFrom,
  adminPolicy,
  adminTo,
  baselineAdminPolicy,
  clusterPolicy,
  to,
  withClusterPolicies,
} from "../reference/cluster-objects.ts";
import { isAllowed } from "../reference/evaluate.ts";
import { policy, smallCluster } from "../reference/objects.ts";
import { type PolicyKinds, randomCluster } from "./cluster.ts";
import { interestingAddresses, interestingPorts, interestingProbes } from "./probes.ts";
import { createRandom } from "./random.ts";

const cluster = smallCluster(
  [
    policy("shop/p", {
      egress: [
        {
          to: [{ ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.128/25"] } }],
          ports: [
            { port: 80, endPort: 90 },
            { protocol: "UDP", port: "dns" },
          ],
        },
      ],
    }),
  ],
  [],
  { ports: [{ name: "dns", containerPort: 5353, protocol: "UDP" }], initPorts: [{ containerPort: 65535 }] },
);

describe("interestingPorts", () => {
  it("has mentioned ports and their neighbours, served ports, and an unrelated one", () => {
    const ports = interestingPorts(cluster).map(({ protocol, port }) => `${protocol}/${port}`);
    expect(ports).toEqual(
      expect.arrayContaining(["TCP/79", "TCP/80", "TCP/81", "TCP/89", "TCP/90", "TCP/91"]),
    );
    expect(ports).toEqual(
      expect.arrayContaining(["UDP/80", "UDP/5353", "SCTP/5353", "TCP/65535", "TCP/31337"]),
    );
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports).not.toContain("TCP/65536");
  });
});

describe("of cluster-wide policies", () => {
  const wide = withClusterPolicies(
    smallCluster([]),
    clusterPolicy("a", {
      egress: [
        to("Deny", { networks: ["192.0.2.0/24"] }, [
          { sctp: { destinationPort: { range: { start: 7000, end: 7010 } } } },
        ]),
      ],
    }),
    adminPolicy("b", {
      egress: [adminTo("Deny", { networks: ["2001:db8:1::/64"] }, [{ portNumber: { port: 9000 } }])],
    }),
    baselineAdminPolicy({ ingress: [adminFrom("Deny", undefined, [{ portRange: { start: 1, end: 5 } }])] }),
  );

  it("ports have their neighbours", () => {
    const ports = interestingPorts(wide).map(({ protocol, port }) => `${protocol}/${port}`);
    expect(ports).toEqual(
      expect.arrayContaining(["SCTP/6999", "SCTP/7000", "SCTP/7010", "SCTP/7011", "TCP/7000"]),
    );
    expect(ports).toEqual(expect.arrayContaining(["TCP/8999", "TCP/9001", "TCP/1", "TCP/6", "UDP/5"]));
    expect(ports).not.toContain("TCP/0");
  });

  it("networks have their edges", () => {
    expect(interestingAddresses(wide)).toEqual(
      expect.arrayContaining(["192.0.1.255", "192.0.2.255", "2001:db8:1::", "2001:db8:1:1::"]),
    );
  });
});

describe("interestingAddresses", () => {
  it("has pods, nodes, the outside, and the edges of cidr and except", () => {
    const addresses = interestingAddresses(cluster);
    expect(addresses).toEqual(expect.arrayContaining(["10.244.1.1", "fd00:172:18::2", "2001:db8::7"]));
    expect(addresses).toEqual(
      expect.arrayContaining([
        "192.0.1.255",
        "192.0.2.0",
        "192.0.2.127",
        "192.0.2.128",
        "192.0.2.255",
        "192.0.3.0",
      ]),
    );
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

describe("interestingProbes", () => {
  const seeds = Array.from({ length: 500 }, (_, seed) => seed);
  const askedOf = (policyKinds: PolicyKinds) =>
    seeds.flatMap((seed) => {
      const random = randomCluster(seed, { policyKinds });
      return interestingProbes(random, createRandom(seed), 20).map((probe) => ({ random, probe }));
    });
  const asked = askedOf("any");

  it("gives as many as asked, the same for the same seed", () => {
    expect(interestingProbes(cluster, createRandom(1), 33)).toHaveLength(33);
    expect(interestingProbes(cluster, createRandom(1), 33)).toEqual(
      interestingProbes(cluster, createRandom(1), 33),
    );
  });

  it.each(["NetworkPolicy", "cluster-wide"] as const)(
    "is balanced: neither verdict is rare of %s",
    (kinds) => {
      const verdicts = askedOf(kinds).map(({ random, probe }) =>
        isAllowed(random, probe.from, probe.to, probe.traffic),
      );
      const share = verdicts.filter(Boolean).length / verdicts.length;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.7);
    },
  );

  it("asks what depends on cluster-wide policies often enough", () => {
    const depends = askedOf("cluster-wide").filter(({ random, probe: { from, to, traffic } }) => {
      const verdict = isAllowed(random, from, to, traffic);
      return verdict !== isAllowed(withClusterPolicies(random), from, to, traffic);
    });
    expect(depends.length / (20 * seeds.length)).toBeGreaterThan(0.08);
  });

  it("asks about every protocol, both families, pods and addresses at either end", () => {
    const seen = new Set(
      asked.map(({ probe: { from, to, traffic } }) =>
        [Object.keys(from)[0], Object.keys(to)[0], traffic.family, traffic.protocol].join(" "),
      ),
    );
    expect(seen.size).toBe(2 * 2 * 2 * 4);
  });

  it("names no finished pod as an end, and works where all are finished", () => {
    const finished = structuredClone(cluster);
    for (const { status } of finished.pods) {
      status!.phase = "Succeeded";
    }
    const probes = interestingProbes(finished, createRandom(1), 50);
    expect(probes.every(({ from, to }) => "address" in from && "address" in to)).toBe(true);
  });
});
