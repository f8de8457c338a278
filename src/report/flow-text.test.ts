import { describe, expect, it } from "vitest";
import { clusterPolicyObject, policyObject } from "../cluster/objects.fixture.ts";
import { DB_POLICY } from "../dataplane/flow-log/flow-log.fixture.ts";
import { hex, ipPacket, tcp, udp } from "../dataplane/flow-log/packets.fixture.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClusterPolicy, NetworkPolicy } from "../k8s/objects.ts";
import { ADDRESSES, engineOf, flowsOf, logged, SUPPRESSED, syn } from "./flow.fixture.ts";
import { flowReasonText } from "./flow-reason.ts";
import { flowText } from "./flow-text.ts";
import { colourStyle, plainStyle } from "./style.ts";

const { db, web, web6, db6, job, n1, outside } = ADDRESSES;

const lines = (engine: Engine, ...packets: Parameters<typeof syn>[]): string[] =>
  flowsOf(engine, ...packets.map((packet) => syn(...packet))).map((event) => flowText(event, plainStyle));

const reason = (packet: Parameters<typeof syn>, ...policies: (NetworkPolicy | ClusterPolicy)[]): string =>
  flowReasonText(flowsOf(engineOf(...policies), syn(...packet))[0]!);

describe("flowText", () => {
  it("tells time, verdict, ends, port, direction and reason in one line", () => {
    expect(lines(engineOf(DB_POLICY), [web, db, 3306])).toEqual([
      "00:00:00.000Z DENIED  shop/web -> shop/db TCP 3306 ingress: no rule of NetworkPolicy shop/db-policy " +
        "allows it; closest: rule 1 wants server=api, shop/web has server=web",
    ]);
  });

  it("names nodes, addresses and verdicts", () => {
    const rows = lines(
      engineOf(DB_POLICY),
      [n1, db, 3306],
      [outside, db, 3306, { verdict: "audited" }],
      [web, ADDRESSES.n2, 9100, { verdict: "allowed", direction: "egress" }],
      [web, "10.244.0.99", 80, { verdict: "closed-at-birth" }],
    );
    expect(rows).toEqual([
      "00:00:00.000Z DENIED  node n1 (192.0.2.1) -> shop/db TCP 3306 ingress: " +
        "the rules have changed since; now a node always may reach the pods that run on it",
      "00:00:00.000Z AUDIT   203.0.113.9 -> shop/db TCP 3306 ingress: no rule of NetworkPolicy shop/db-policy allows it; " +
        "closest: rule 1 wants pods server=api of namespace shop, 203.0.113.9 is no pod",
      "00:00:00.000Z PASSED  shop/web -> shop/agent (host network, 192.0.2.2) TCP 9100 egress: " +
        "no policy decides egress of shop/web",
      "00:00:00.000Z CLOSED  shop/web -> 10.244.0.99 TCP 80 ingress: " +
        "no pod is known to have this address yet, and until then it is closed",
    ]);
  });

  it("tells other protocols, ICMP and fragments by name", () => {
    const events = flowsOf(
      engineOf(DB_POLICY),
      logged(ipPacket(web, db, 47, hex("0000 0800"))),
      logged(ipPacket(web, db, 1, hex("0800 0000"))),
      logged(ipPacket(web6, db6, 58, hex("0104 0000"))),
      logged(ipPacket(web, db, 1, hex("2a00 0000"))),
      logged(ipPacket(web, db, 17, udp(1, 2), { fragmentOffset: 8 })),
      logged(ipPacket(web, db, 6, tcp(1, 2)).subarray(0, 20)),
      logged(ipPacket(web6, db6, 0, tcp(1, 2), { extensions: hex("0600 0104 0000 0000") }).subarray(0, 44)),
    );
    const what = events.map((event) => / -> shop\/db (.*) ingress/.exec(flowText(event, plainStyle))?.[1]);
    expect(what).toEqual([
      "GRE",
      "ICMP echo-request",
      "ICMPv6 destination-unreachable code 4",
      "ICMP type 42",
      "UDP fragment",
      "TCP",
      "unknown protocol",
    ]);
    const reasons = events.slice(4).map(flowReasonText);
    expect(reasons[0]).toBe("a later fragment has no ports, so nobody can tell which rule it met");
    expect(reasons[1]).toBe("the ports are not in what was logged, so nobody can tell which rule it met");
  });

  it("counts what is repeated and what is not told", () => {
    const [event] = flowsOf(engineOf(DB_POLICY), syn(web, db, 3306));
    expect(flowText({ ...event!, repeated: 12 }, plainStyle)).toMatch(/server=web \(and 12 more like it\)$/);
    expect(flowText(SUPPRESSED, plainStyle)).toBe(
      "00:00:01.000Z ......  and 4711 packets in 1.002 s that are not told: too many to tell",
    );
    expect(flowText({ ...SUPPRESSED, count: 1, cause: "slow-reader" }, plainStyle)).toBe(
      "00:00:01.000Z ......  and 1 packet in 1.002 s that are not told: the output takes them too slowly",
    );
  });

  it("is coloured only if asked to be", () => {
    const [event] = flowsOf(engineOf(DB_POLICY), syn(web, db, 3306));
    expect(flowText(event!, colourStyle)).toContain("\u001b[31mDENIED\u001b[39m");
    expect(flowText(event!, plainStyle)).not.toContain("\u001b");
  });
});

describe("flowReasonText", () => {
  it.each<[string, Parameters<typeof syn>, (NetworkPolicy | ClusterPolicy)[], string]>([
    [
      "a port that no rule has",
      [web, db, 80],
      [
        policyObject("db", {
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { app: "web" } } }],
              ports: [{ protocol: "TCP", port: 3306 }],
            },
          ],
        }),
      ],
      "no rule of NetworkPolicy shop/db allows it; closest: rule 1 wants TCP 3306, this is TCP 80",
    ],
    [
      "peer and port",
      [web, db, 80],
      [DB_POLICY],
      "no rule of NetworkPolicy shop/db-policy allows it; closest: rule 1 wants server=api (shop/web has server=web) " +
        "and TCP 3306 (this is TCP 80)",
    ],
    [
      "labels of a namespace",
      [job, db, 80],
      [
        policyObject("db", {
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "day" } } }] }],
        }),
      ],
      "no rule of NetworkPolicy shop/db allows it; closest: rule 1 wants team=day, namespace batch has team=night",
    ],
    [
      "no rules at all",
      [web, db, 80],
      [policyObject("deny", { policyTypes: ["Ingress"] })],
      "NetworkPolicy shop/deny lets nothing enter",
    ],
    [
      "no rules at all, of two policies, on the way out",
      [db, web, 80, { direction: "egress" }],
      [policyObject("a", { policyTypes: ["Egress"] }), policyObject("b", { policyTypes: ["Egress"] })],
      "NetworkPolicy shop/a and NetworkPolicy shop/b let nothing leave",
    ],
    [
      "the nearest rule of several policies",
      [web, db, 3306],
      [DB_POLICY, policyObject("deny", { policyTypes: ["Ingress"] })],
      "no rule of NetworkPolicy shop/db-policy and NetworkPolicy shop/deny allows it; " +
        "closest: rule 1 of NetworkPolicy shop/db-policy wants server=api, shop/web has server=web",
    ],
    [
      "a policy with errors",
      [web, db, 80],
      [{ ...policyObject("bad", { policyTypes: ["Ingress"] }), broken: true }],
      "NetworkPolicy shop/bad has errors, so it is taken to close its pods and to allow nothing",
    ],
    [
      "a Deny rule",
      [web, db, 80],
      [
        clusterPolicyObject("guard", {
          ingress: [{ action: "Deny", name: "no-web", from: [{ namespaces: {} }] }],
        }),
      ],
      'rule 1 "no-web" of ClusterNetworkPolicy guard denies it',
    ],
    [
      "an allowed packet",
      [web, db, 80, { verdict: "allowed" }],
      [policyObject("open", { ingress: [{}] })],
      "rule 1 of NetworkPolicy shop/open allows it",
    ],
    [
      "a verdict of yesterday",
      [web, db, 80],
      [policyObject("open", { ingress: [{}] })],
      "the rules have changed since; now rule 1 of NetworkPolicy shop/open allows it",
    ],
    [
      "a pod that is known by now",
      [web, db, 80, { verdict: "closed-at-birth" }],
      [],
      "shop/db was not known yet when the packet came",
    ],
  ])("tells of %s", (_, packet, policies, expected) => {
    expect(reason(packet, ...policies)).toBe(expected);
  });
});
