import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { ALL_ADDRESSES, clusterPolicy, from, tcp, to, withClusterPolicies } from "./cluster-objects.ts";
import { type PodFields, pod, smallCluster } from "./objects.ts";
import type { RawPod } from "./raw.ts";
import type { RawClusterProtocol } from "./raw-cluster-policy.ts";

/** What of the asked a Deny with these protocols keeps out of `shop/db`. */
function denied(
  protocols: RawClusterProtocol[] | undefined,
  asked: readonly string[],
  db: PodFields = {},
): string[] {
  const policies = [clusterPolicy("a", { ingress: [from("Deny", undefined, protocols)] })];
  const cluster = withClusterPolicies(smallCluster([], [], db), ...policies);
  return asked.filter((what) => !ask(cluster, "ops/web", "shop/db", what));
}

/** What of the asked `shop/web` may not send to `to`. */
function unsendable(name: string, target: string, asked: readonly string[], pods: RawPod[], db?: PodFields) {
  const rule = to("Deny", ALL_ADDRESSES, [{ destinationNamedPort: name }]);
  const cluster = withClusterPolicies(smallCluster([], pods, db), clusterPolicy("a", { egress: [rule] }));
  return asked.filter((what) => !ask(cluster, "shop/web", target, what));
}

describe("protocols", () => {
  const some = ["TCP/80", "UDP/80", "SCTP/80", "other"];

  it("absent: all traffic, ICMP and its like too", () => {
    expect(denied(undefined, some)).toEqual(some);
  });

  it("a number is that port of that protocol", () => {
    expect(denied([tcp(80)], [...some, "TCP/79", "TCP/81"])).toEqual(["TCP/80"]);
    expect(denied([{ udp: { destinationPort: { number: 80 } } }], some)).toEqual(["UDP/80"]);
    expect(denied([{ sctp: { destinationPort: { number: 80 } } }], some)).toEqual(["SCTP/80"]);
  });

  it("a range includes both ends", () => {
    const range = { udp: { destinationPort: { range: { start: 80, end: 82 } } } };
    expect(denied([range], ["UDP/79", "UDP/80", "UDP/81", "UDP/82", "UDP/83", "TCP/81"])).toEqual([
      "UDP/80",
      "UDP/81",
      "UDP/82",
    ]);
  });

  it("are OR", () => {
    const protocols = [tcp(80), { udp: { destinationPort: { number: 53 } } }];
    expect(denied(protocols, ["TCP/80", "UDP/53", "TCP/53", "UDP/80"])).toEqual(["TCP/80", "UDP/53"]);
  });

  it("never match ICMP, however many there are", () => {
    const all = { destinationPort: { range: { start: 1, end: 65535 } } };
    expect(denied([{ tcp: all }, { udp: all }, { sctp: all }], some)).toEqual([
      "TCP/80",
      "UDP/80",
      "SCTP/80",
    ]);
  });

  it("a Deny before an Accept takes only the ports they share", () => {
    const wide = { tcp: { destinationPort: { range: { start: 80, end: 90 } } } };
    const policies = [
      clusterPolicy("a", {
        ingress: [from("Deny", undefined, [tcp(85)]), from("Accept", undefined, [wide]), from("Deny")],
      }),
    ];
    const cluster = withClusterPolicies(smallCluster([]), ...policies);
    const open = ["TCP/84", "TCP/85", "TCP/86", "TCP/91"].filter((what) =>
      ask(cluster, "ops/web", "shop/db", what),
    );
    expect(open).toEqual(["TCP/84", "TCP/86"]);
  });

  it("refuses several fields, and a range that ends before it starts", () => {
    const both = { tcp: { destinationPort: { number: 1 } }, udp: { destinationPort: { number: 1 } } };
    expect(() => denied([both], ["TCP/1"])).toThrow(/tcp and udp/);
    const number = { tcp: { destinationPort: { number: 1, range: { start: 1, end: 2 } } } };
    expect(() => denied([number], ["TCP/1"])).toThrow(/number and range/);
    expect(() => denied([{ tcp: { destinationPort: { range: { start: 2, end: 1 } } } }], ["TCP/1"])).toThrow(
      /from 2 to 1/,
    );
  });
});

describe("destinationNamedPort", () => {
  const http = { name: "http", containerPort: 8080 };
  const asked = ["TCP/8080", "UDP/8080", "TCP/9090", "UDP/9090", "other"];
  const host = pod("ops/host", { ips: ["172.18.0.3"], node: "node-2", hostNetwork: true, ports: [http] });

  it("is every port of that name on the destination, of whichever protocol", () => {
    const web = [{ destinationNamedPort: "http" }];
    const db: PodFields = {
      ports: [http],
      sidecarPorts: [{ name: "http", containerPort: 9090, protocol: "UDP" }],
    };
    expect(denied(web, asked, db)).toEqual(["TCP/8080", "UDP/9090"]);
    expect(denied([{ destinationNamedPort: "dns" }], asked, db)).toEqual([]);
    expect(denied(web, asked, { initPorts: [http] })).toEqual([]);
  });

  it("is the destination's in egress too, pod by pod, also beside networks", () => {
    const api = pod("ops/api", { ips: ["10.244.2.9"], ports: [{ name: "http", containerPort: 9090 }] });
    const db: PodFields = { ports: [http] };
    expect(unsendable("http", "shop/db", asked, [api], db)).toEqual(["TCP/8080"]);
    expect(unsendable("http", "ops/api", asked, [api], db)).toEqual(["TCP/9090"]);
    expect(unsendable("http", "10.244.2.9", asked, [api], db)).toEqual(["TCP/9090"]);
    expect(unsendable("http", "ops/web", asked, [api], db)).toEqual([]);
  });

  it("matches nothing where the destination is no pod, a host-network pod included", () => {
    expect(unsendable("http", "192.168.5.10", asked, [host])).toEqual([]);
    expect(unsendable("http", "ops/host", asked, [host])).toEqual([]);
    expect(unsendable("http", "172.18.0.3", asked, [host])).toEqual([]);
  });
});
