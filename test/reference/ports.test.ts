import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { type PodFields, pod, policy, smallCluster } from "./objects.ts";
import type { RawPod, RawPort } from "./raw.ts";

const allowing = (ports: RawPort[], db: PodFields = {}, pods: RawPod[] = []) =>
  smallCluster(
    [policy("shop/p", { podSelector: { matchLabels: { app: "db" } }, ingress: [{ ports }] })],
    pods,
    db,
  );
const egress = (ports: RawPort[], db: PodFields = {}, pods: RawPod[] = []) =>
  smallCluster(
    [policy("shop/p", { podSelector: { matchLabels: { app: "web" } }, egress: [{ ports }] })],
    pods,
    db,
  );
const enters = (ports: RawPort[], what: string, db: PodFields = {}) =>
  ask(allowing(ports, db), "shop/web", "shop/db", what);

describe("ports", () => {
  it("a number is that port of that protocol, TCP by default", () => {
    expect(enters([{ port: 80 }], "TCP/80")).toBe(true);
    expect(enters([{ port: 80 }], "TCP/81")).toBe(false);
    expect(enters([{ port: 80 }], "UDP/80")).toBe(false);
    expect(enters([{ port: 80, protocol: "SCTP" }], "SCTP/80")).toBe(true);
  });

  it("items are OR", () => {
    expect(enters([{ port: 80 }, { protocol: "UDP", port: 53 }], "UDP/53")).toBe(true);
    expect(enters([{ port: 80 }, { protocol: "UDP", port: 53 }], "TCP/53")).toBe(false);
  });

  it("an item without port is the whole protocol, and only it", () => {
    expect(enters([{ protocol: "UDP" }], "UDP/65535")).toBe(true);
    expect(enters([{ protocol: "UDP" }], "TCP/80")).toBe(false);
    expect(enters([{}], "TCP/1")).toBe(true);
    expect(enters([{}], "UDP/1")).toBe(false);
  });

  it("endPort includes both ends", () => {
    const range = [{ port: 80, endPort: 82 }];
    expect(["79", "80", "82", "83"].map((port) => enters(range, `TCP/${port}`))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(enters(range, "UDP/81")).toBe(false);
    expect(enters([{ port: 80, endPort: 80 }], "TCP/80")).toBe(true);
  });

  it("refuses an endPort that has no numeric port below it", () => {
    expect(() => enters([{ port: "http", endPort: 90 }], "TCP/80")).toThrow(/endPort 90/);
    expect(() => enters([{ port: 91, endPort: 90 }], "TCP/80")).toThrow(/endPort 90/);
  });

  it("a rule with ports never allows other protocols; one without does", () => {
    expect(enters([{}, { protocol: "UDP" }, { protocol: "SCTP" }], "other")).toBe(false);
    expect(enters([], "other")).toBe(true);
  });

  it("ports of a rule go with the peers of that rule only", () => {
    const cluster = smallCluster([
      policy("shop/p", {
        ingress: [
          { from: [{ podSelector: {} }], ports: [{ port: 80 }] },
          { from: [{ namespaceSelector: {} }], ports: [{ port: 443 }] },
        ],
      }),
    ]);
    expect(ask(cluster, "ops/web", "shop/db", "TCP/80")).toBe(false);
    expect(ask(cluster, "ops/web", "shop/db", "TCP/443")).toBe(true);
  });
});

describe("named ports", () => {
  const http = (containerPort: number, protocol: "TCP" | "UDP" = "TCP") => ({
    name: "http",
    containerPort,
    protocol,
  });

  it("resolve on the destination pod by name and protocol", () => {
    const db = { ports: [http(8080)], morePorts: [http(9090, "UDP")] };
    expect(enters([{ port: "http" }], "TCP/8080", db)).toBe(true);
    expect(enters([{ port: "http" }], "UDP/8080", db)).toBe(false);
    expect(enters([{ port: "http" }], "TCP/9090", db)).toBe(false);
    expect(enters([{ port: "http", protocol: "UDP" }], "UDP/9090", db)).toBe(true);
    expect(enters([{ port: "dns" }], "TCP/8080", db)).toBe(false);
  });

  it("a container port without protocol is TCP", () => {
    const db = { ports: [{ name: "http", containerPort: 80 }] };
    expect(enters([{ port: "http" }], "TCP/80", db)).toBe(true);
    expect(enters([{ port: "http", protocol: "UDP" }], "UDP/80", db)).toBe(false);
  });

  it("take all ports of the name, from containers and sidecars, not from plain init containers", () => {
    const db = { ports: [http(80)], morePorts: [http(81)], sidecarPorts: [http(82)], initPorts: [http(83)] };
    const opened = [80, 81, 82, 83].map((port) => enters([{ port: "http" }], `TCP/${port}`, db));
    expect(opened).toEqual([true, true, true, false]);
  });

  it("resolve on the destination in egress rules too, pod by pod", () => {
    const other = pod("ops/api", { ips: ["10.244.2.9"], ports: [http(9000)] });
    const cluster = egress([{ port: "http" }], { ports: [http(8080)] }, [other]);
    expect(ask(cluster, "shop/web", "shop/db", "TCP/8080")).toBe(true);
    expect(ask(cluster, "shop/web", "shop/db", "TCP/9000")).toBe(false);
    expect(ask(cluster, "shop/web", "ops/api", "TCP/9000")).toBe(true);
    expect(ask(cluster, "shop/web", "10.244.2.9", "TCP/9000")).toBe(true);
  });

  it("are not the source's in egress", () => {
    const cluster = egress([{ port: "http" }]);
    cluster.pods[0]!.spec.containers[0]!.ports = [http(8080)];
    expect(ask(cluster, "shop/web", "shop/db", "TCP/8080")).toBe(false);
  });

  it("match nothing on an address that is no pod", () => {
    const cluster = egress([{ port: "http" }], { ports: [http(8080)] });
    expect(ask(cluster, "shop/web", "192.168.5.10", "TCP/8080")).toBe(false);
    expect(ask(cluster, "shop/web", "172.18.0.3", "TCP/8080")).toBe(false);
  });

  it("match nothing towards host-network and finished pods", () => {
    const host = pod("ops/host", {
      ips: ["172.18.0.3"],
      node: "node-2",
      hostNetwork: true,
      ports: [http(8080)],
    });
    const job = pod("ops/job", { ips: ["10.244.2.9"], phase: "Succeeded", ports: [http(8080)] });
    const cluster = egress([{ port: "http" }], {}, [host, job]);
    expect(ask(cluster, "shop/web", "ops/host", "TCP/8080")).toBe(false);
    expect(ask(cluster, "shop/web", "172.18.0.3", "TCP/8080")).toBe(false);
    expect(ask(cluster, "shop/web", "10.244.2.9", "TCP/8080")).toBe(false);
  });

  it("work beside an ipBlock that holds the pod", () => {
    const cluster = smallCluster(
      [
        policy("shop/p", {
          policyTypes: ["Egress"],
          egress: [{ to: [{ ipBlock: { cidr: "10.244.0.0/16" } }], ports: [{ port: "http" }] }],
        }),
      ],
      [],
      { ports: [http(8080)] },
    );
    expect(ask(cluster, "shop/web", "shop/db", "TCP/8080")).toBe(true);
    expect(ask(cluster, "shop/web", "ops/web", "TCP/8080")).toBe(false);
  });
});
