import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import {
  ALL_ADDRESSES,
  ALL_PODS,
  clusterPolicy,
  from,
  tcp,
  to,
  withClusterPolicies,
} from "./cluster-objects.ts";
import { policy, smallCluster } from "./objects.ts";
import type { RawClusterPeer, RawClusterProtocol } from "./raw-cluster-policy.ts";

const MATTER = ["TCP/80", "TCP/81", "UDP/80", "SCTP/80", "other"];
const ONLY_SHOP = { namespaces: { matchLabels: { team: "a" } } };

const newerPeers: RawClusterPeer[] = [
  {},
  { serviceAccounts: { matchLabels: {} } },
  { namespaces: null } as never,
];
const newerProtocols: RawClusterProtocol[] = [
  {},
  { icmp: { type: 8 } },
  { tcp: {} },
  { udp: { sourcePort: { number: 53 } } },
  { tcp: { destinationPort: {} } },
  { sctp: { destinationPort: { service: "http" } } },
  { tcp: { destinationPort: { number: 80 }, flags: ["SYN"] } },
];

type Action = "Accept" | "Deny" | "Pass";

/** What still enters `shop/db` from `ops/web`, with one rule in Admin and a NetworkPolicy behind it. */
function enters(action: Action, peers: RawClusterPeer[], protocols?: RawClusterProtocol[], allow = true) {
  const rule = { action, from: peers, ...(protocols === undefined ? {} : { protocols }) };
  const behind = policy("shop/behind", allow ? { ingress: [{}] } : { policyTypes: ["Ingress"] });
  const cluster = withClusterPolicies(
    smallCluster([behind]),
    clusterPolicy("a", { subject: ONLY_SHOP, ingress: [rule] }),
  );
  return MATTER.filter((what) => ask(cluster, "ops/web", "shop/db", what));
}

describe.each([
  ...newerPeers.map((peer) => ({ peers: [peer], protocols: undefined })),
  ...newerPeers.map((peer) => ({ peers: [ALL_PODS, peer], protocols: [tcp(80)] })),
  ...newerProtocols.map((protocol) => ({ peers: [ALL_PODS], protocols: [protocol] })),
  ...newerProtocols.map((protocol) => ({ peers: [ALL_PODS], protocols: [protocol, tcp(80)] })),
])("a rule that is partly unknown: %j", ({ peers, protocols }) => {
  it("of action Accept matches nothing at all, not even by its known parts", () => {
    expect(enters("Accept", peers, protocols, false)).toEqual([]);
    expect(enters("Accept", peers, protocols, true)).toEqual(MATTER);
  });

  it.each<Action>(["Deny", "Pass"])("of action %s denies all traffic, whatever its protocols", (action) => {
    expect(enters(action, peers, protocols)).toEqual([]);
  });
});

describe("failing closed", () => {
  const unknown = from("Deny", {}, [tcp(80)]);

  it("reaches addresses outside as well, in both families", () => {
    const cluster = withClusterPolicies(smallCluster([]), clusterPolicy("a", { egress: [to("Pass", {})] }));
    expect(ask(cluster, "shop/db", "192.168.5.10", "other")).toBe(false);
    expect(ask(cluster, "shop/db", "2001:db8::7", "UDP/53", 6)).toBe(false);
  });

  it("closes only the subjects of the policy, and only in the direction of the rule", () => {
    const cluster = withClusterPolicies(
      smallCluster([]),
      clusterPolicy("a", { subject: ONLY_SHOP, ingress: [unknown] }),
    );
    expect(ask(cluster, "ops/web", "shop/db", "UDP/53")).toBe(false);
    expect(ask(cluster, "shop/db", "ops/web", "UDP/53")).toBe(true);
  });

  it("leaves rules before it alone, and takes all behind it", () => {
    const cluster = withClusterPolicies(
      smallCluster([]),
      clusterPolicy("a", { ingress: [from("Accept", ALL_PODS, [tcp(80)]), unknown, from("Accept")] }),
    );
    expect(MATTER.filter((what) => ask(cluster, "ops/web", "shop/db", what))).toEqual(["TCP/80"]);
  });

  it("goes for Baseline too, where NetworkPolicy is silent", () => {
    const baseline = clusterPolicy("a", { tier: "Baseline", ingress: [from("Pass", {})] });
    expect(ask(withClusterPolicies(smallCluster([]), baseline), "ops/web", "shop/db")).toBe(false);
    const open = smallCluster([policy("shop/p", { ingress: [{}] })]);
    expect(ask(withClusterPolicies(open, baseline), "ops/web", "shop/db")).toBe(true);
  });

  it.each([{ networks: ["0.0.0.0/0"] }, { nodes: {} }, { domainNames: ["example.com"] }])(
    "ingress does not know the egress peer %j",
    (peer) => {
      expect(enters("Deny", [peer])).toEqual([]);
      expect(enters("Accept", [peer], undefined, false)).toEqual([]);
    },
  );

  it("does not touch the exempt", () => {
    const cluster = withClusterPolicies(smallCluster([]), clusterPolicy("a", { ingress: [unknown] }));
    expect(ask(cluster, "172.18.0.3", "shop/db")).toBe(true);
    expect(ask(cluster, "shop/db", "shop/db")).toBe(true);
  });

  it("known rules of the same policy still count", () => {
    const egress = [to("Deny", ALL_ADDRESSES, [tcp(80)])];
    const cluster = withClusterPolicies(
      smallCluster([]),
      clusterPolicy("a", { ingress: [from("Accept", {})], egress }),
    );
    expect(ask(cluster, "shop/db", "192.168.5.10", "TCP/80")).toBe(false);
    expect(ask(cluster, "shop/db", "192.168.5.10", "TCP/81")).toBe(true);
  });
});
