// A pod about which so many rules speak that a map leads from the port to them: every peer on every port, with packets.
import { expect, it } from "vitest";
import { podwall } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";
import { differing, measure } from "./measure.ts";

const CLIENTS = ["a", "b", "c", "d", "e", "secret"];
const OUTSIDE = ["203.0.113.9", "198.51.100.1", "2001:db8::9"];

const pod = (name: string, ports: readonly string[]): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: main, image: example.com/app, ports: [${ports
  .map((port) => port.split("/"))
  .map(([protocol, number]) => `{protocol: ${protocol}, containerPort: ${number}}`)
  .join(", ")}]}]}
`;
const policy = (name: string, direction: "ingress" | "egress", subject: string, rule: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {app: ${subject}}}, policyTypes: [${direction === "ingress" ? "Ingress" : "Egress"}], ${direction}: [${rule}]}
`;
const app = (...names: string[]): string =>
  names.map((name) => `{podSelector: {matchLabels: {app: ${name}}}}`).join(", ");
/** Takes from one pod what its addresses would allow, so that it must be told from the range around it. */
const DENY_SECRET = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: secret}
spec:
  tier: Admin
  priority: 10
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: server}}}}
  ingress:
  - action: Deny
    from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: secret}}}}]
    protocols: [{tcp: {destinationPort: {number: 8443}}}]
`;
const SERVER_PORTS = ["TCP/80", "TCP/443", "TCP/8443", "TCP/9100", "TCP/9150", "UDP/53", "SCTP/3868"];
const MANIFESTS = [
  ...CLIENTS.map((name) => pod(name, [])),
  pod("server", SERVER_PORTS),
  policy("a", "ingress", "server", `{from: [${app("a", "b")}], ports: [{port: 443}]}`),
  policy(
    "b",
    "ingress",
    "server",
    `{from: [${app("b", "c")}], ports: [{port: 80}, {port: 53, protocol: UDP}]}`,
  ),
  policy("c", "ingress", "server", `{from: [${app("c", "d")}], ports: [{port: 9100, endPort: 9150}]}`),
  policy(
    "d",
    "ingress",
    "server",
    `{from: [${app("d")}], ports: [{port: 3868, protocol: SCTP}, {protocol: UDP}]}`,
  ),
  policy("e", "ingress", "server", `{from: [${app("e")}]}`),
  policy(
    "f",
    "ingress",
    "server",
    "{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [198.51.100.0/24]}}, {ipBlock: {cidr: '::/0'}}], ports: [{port: 8443}, {port: 443}]}",
  ),
  policy("g", "egress", "a", `{to: [${app("server")}], ports: [{port: 443}, {port: 80}]}`),
  policy("h", "egress", "a", `{to: [${app("b")}], ports: [{port: 443}]}`),
  policy("i", "egress", "a", `{to: [${app("c", "b")}], ports: [{port: 8443}]}`),
  policy("j", "egress", "a", "{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 8443}]}"),
  DENY_SECRET,
].join("---");

describeKernel("a map from ports to rules", () => {
  it("is there on both sides, and lets pass what the engine says", async () => {
    const rules = await podwall(["lab", "--show-rules", "-"], { stdin: MANIFESTS });
    expect(rules.stdout).toMatch(/meta l4proto \. th dport vmap @by_port_in4_shop_server/);
    expect(rules.stdout).toMatch(/meta l4proto \. th dport vmap @by_port_eg4_shop_a/);
    // One that may do less than its range, in a chain that the map leads to.
    expect(rules.stdout).toMatch(/tcp8443_in4_shop_server\S* ip saddr @lesser_/);
    expect(rules.code).toBe(0);

    const probes = await measure(["-"], OUTSIDE, MANIFESTS);
    expect(differing(probes)).toEqual([]);
    const measured = (verdict: string): number => probes.filter((each) => each.measured === verdict).length;
    expect(measured("allow")).toBeGreaterThan(50);
    expect(measured("deny")).toBeGreaterThan(50);
  });
});
