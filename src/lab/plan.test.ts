import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { podObject, policyObject } from "../cluster/objects.fixture.ts";
import { DEFAULT_ENFORCEMENT } from "../dataplane/config.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { parseAddress } from "../net/address.ts";
import { isStopped, labNodes, planProbes, topologyOf } from "./plan.ts";

const DB = podObject("db", {
  labels: { app: "db" },
  ports: [
    { port: 3306, protocol: "TCP" },
    { port: 53, protocol: "UDP" },
  ],
});
const WEB = podObject("web");
const EGRESS = policyObject("egress", {
  podSelector: { matchLabels: { app: "web" } },
  egress: [{ ports: [{ port: 443 }, { port: 123, protocol: "UDP" }] }],
});
const OUTSIDE = parseAddress("192.168.5.10")!;

function engineOf(objects: readonly KubernetesObject[], nodes = 1): Engine {
  return createEngine(buildCluster(objects, { defaultNodes: labNodes(nodes) }).cluster);
}

/** Over IPv4, from web: `to port prediction`. */
function probes(engine: Engine, config: Partial<typeof DEFAULT_ENFORCEMENT> = {}): string[] {
  return planProbes(engine, [OUTSIDE], { ...DEFAULT_ENFORCEMENT, ...config })
    .filter(({ from, family }) => from === "shop/web" && family === 4)
    .map(({ to, protocol, port, predicted }) => `${to} ${port ?? ""}${protocol} ${predicted}`);
}

describe("the probes of a lab", () => {
  it("go to every port that is declared or mentioned, one that is neither, and are pings", () => {
    expect(probes(engineOf([DB, WEB, EGRESS]))).toEqual([
      "shop/db 3306TCP allow",
      "shop/db 53UDP allow",
      "shop/db 22TCP allow",
      "shop/db ICMP allow",
      "192.168.5.10 443TCP allow",
      "192.168.5.10 123UDP allow",
      "192.168.5.10 22TCP allow",
      "192.168.5.10 ICMP allow",
    ]);
  });

  it("are no TCP to where nobody listens, if rules reject", () => {
    expect(probes(engineOf([DB, WEB, EGRESS]), { deny: "reject" })).toEqual([
      "shop/db 3306TCP allow",
      "shop/db 53UDP allow",
      "shop/db ICMP allow",
      "192.168.5.10 123UDP allow",
      "192.168.5.10 ICMP allow",
    ]);
  });

  it("are predicted to pass where only audit is in the way", () => {
    const closed = policyObject("db", { podSelector: { matchLabels: { app: "db" } } });
    const toDb = (...args: Parameters<typeof probes>): string[] => [
      ...new Set(
        probes(...args)
          .filter((text) => text.startsWith("shop/db"))
          .map((text) => text.split(" ").at(-1)!),
      ),
    ];
    expect(toDb(engineOf([DB, WEB, closed]))).toEqual(["deny"]);
    expect(toDb(engineOf([DB, WEB, closed]), { audit: true })).toEqual(["allow"]);
    expect(toDb(engineOf([DB, WEB, { ...closed, audit: true }]))).toEqual(["allow"]);
  });
});

describe("a probe", () => {
  it.each([
    ["TCP", "no-answer", "drop", true],
    ["TCP", "refused", "drop", false],
    ["TCP", "answered", "reject", false],
    ["TCP", "refused", "reject", true],
    ["ICMP", "no-answer", "reject", true],
    // Nobody listens: a rule would have prohibited it.
    ["UDP", "refused", "reject", false],
    ["SCTP", "refused", "reject", false],
  ] as const)("%s with %s where rules %s: stopped is %s", (protocol, outcome, deny, stopped) => {
    expect(isStopped(protocol, outcome, deny)).toBe(stopped);
  });
});

describe("the nodes of a lab", () => {
  const nodesOf = (engine: Engine): string[] => topologyOf(engine, []).nodes.map(({ name }) => name);

  it("are those that were asked for, also where no pod is", () => {
    expect(labNodes(3)).toEqual(["node", "node-2", "node-3"]);
    expect(nodesOf(engineOf([DB, WEB], 3))).toEqual(["node", "node-2", "node-3"]);
    expect(nodesOf(engineOf([DB, WEB]))).toEqual(["node"]);
  });

  it("are only those of the pods, if all pods name theirs and one was asked for", () => {
    expect(nodesOf(engineOf([{ ...DB, nodeName: "a" }]))).toEqual(["a"]);
  });
});
