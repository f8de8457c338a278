// Open connections obey a change: each kind of change, at the receiver and at the sender, on one node and on two.
import { expect, it } from "vitest";
import { node, pod, policy } from "../around/manifests.ts";
import { describeKernel } from "../kernel-support.ts";
import { cutsIn, type Flow, runCuts, type Step } from "./steps.ts";

const namespace = (labels: string): string => `---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {${labels}}}
`;
const NODES = node("one", "172.18.0.1", "fd00:18::1") + node("two", "172.18.0.2", "fd00:18::2");
const client = (role: string): string => pod("client", role, "one", ["10.244.1.1", "fd00:10:244:1::1"]);
const NEAR = pod("near", "near", "one", ["10.244.1.2", "fd00:10:244:1::2"]);
const FAR = pod("far", "far", "two", ["10.244.2.2", "fd00:10:244:2::2"]);
const PODS = client("client") + NEAR + FAR;
const OPEN = NODES + namespace("trust: high") + PODS;

/** From the client to both servers, of both protocols and families. */
const FLOWS: readonly Flow[] = ["near", "far"].flatMap((to) =>
  (["TCP", "UDP"] as const).flatMap((protocol) =>
    ([4, 6] as const).map(
      (family): Flow => ({
        name: `${to} ${protocol} IPv${family}`,
        from: "shop/client",
        to: `shop/${to}`,
        protocol,
        family,
        port: 7000,
        sourcePort: to === "near" ? 6001 : 6002,
      }),
    ),
  ),
);
const NAMES = FLOWS.map(({ name }) => name);
const all = (tcp: string, udp: string, names: readonly string[] = NAMES): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name.includes("TCP") ? tcp : udp]));
const FLOWING = all("client data, server data", "client data, server data");
const CUT = all("client reset, server reset", "client silence, server silence");
const NOTHING = all("client silence, server silence", "client silence, server silence");

const INGRESS_CUTS = [
  "one: 17 10.244.1.1 > 10.244.1.2 7000 policy ingress",
  "one: 17 fd00:10:244:1::1 > fd00:10:244:1::2 7000 policy ingress",
  "one: 6 10.244.1.1 > 10.244.1.2 7000 policy ingress",
  "one: 6 fd00:10:244:1::1 > fd00:10:244:1::2 7000 policy ingress",
  "two: 17 10.244.1.1 > 10.244.2.2 7000 policy ingress",
  "two: 17 fd00:10:244:1::1 > fd00:10:244:2::2 7000 policy ingress",
  "two: 6 10.244.1.1 > 10.244.2.2 7000 policy ingress",
  "two: 6 fd00:10:244:1::1 > fd00:10:244:2::2 7000 policy ingress",
];
const EGRESS_CUTS = INGRESS_CUTS.map((text) =>
  text.replace("two:", "one:").replace("ingress", "egress"),
).sort();

const ADMIT_CLIENTS = ["near", "far"]
  .map((role) => policy(role, role, "{ingress: [{from: [{podSelector: {matchLabels: {role: client}}}]}]}"))
  .join("");
const ADMIT_TRUSTED = ["near", "far"]
  .map((role) =>
    policy(role, role, "{ingress: [{from: [{namespaceSelector: {matchLabels: {trust: high}}}]}]}"),
  )
  .join("");
const CLOSED = ["near", "far"].map((role) => policy(role, role, "{policyTypes: [Ingress]}")).join("");

/** What is open before, what makes it forbidden, and who says so. */
const CHANGES: [what: string, before: string, after: string, cuts: readonly string[]][] = [
  ["a policy of the receivers", OPEN, OPEN + CLOSED, INGRESS_CUTS],
  ["a policy of the sender", OPEN, OPEN + policy("mute", "client", "{policyTypes: [Egress]}"), EGRESS_CUTS],
  [
    "the label of the sender",
    OPEN + ADMIT_CLIENTS,
    NODES + namespace("trust: high") + client("stranger") + NEAR + FAR + ADMIT_CLIENTS,
    INGRESS_CUTS,
  ],
  [
    "the label of the namespace",
    OPEN + ADMIT_TRUSTED,
    NODES + namespace("trust: low") + PODS + ADMIT_TRUSTED,
    INGRESS_CUTS,
  ],
];

const course = (before: string, after: string): Step[] => [
  { state: before },
  { open: FLOWS },
  { send: NAMES, as: "before" },
  { change: after },
  { send: NAMES, as: "after" },
  { send: NAMES.filter((name) => name.includes("UDP")), only: "server", as: "server goes on" },
  { send: NAMES.filter((name) => name.includes("UDP")), only: "client", as: "client goes on" },
  { cutsAs: "cuts" },
  { close: NAMES },
  { change: before },
  { tryOpen: FLOWS, as: "again" },
  { send: NAMES, as: "allowed again" },
];
const UDP_NOTHING = Object.fromEntries(Object.entries(NOTHING).filter(([name]) => name.includes("UDP")));

describeKernel("open connections that a change forbids", () => {
  it.each(CHANGES)("are cut by %s, and pass when they are allowed again", async (_, before, after, cuts) => {
    const answers = await runCuts(course(before, after));
    expect(answers.before).toEqual(FLOWING);
    expect(answers.after).toEqual(CUT);
    expect(answers["server goes on"]).toEqual(UDP_NOTHING);
    expect(answers["client goes on"]).toEqual(UDP_NOTHING);
    expect(cutsIn(answers, "cuts")).toEqual(cuts);
    expect(answers.again).toEqual(all("open", "open"));
    expect(answers["allowed again"]).toEqual(FLOWING);
  });

  it.each(CHANGES)("live on after %s where cutting is turned off", async (_, before, after) => {
    const answers = await runCuts(course(before, after), { cutsConnections: false });
    expect(answers.after).toEqual(FLOWING);
    expect(cutsIn(answers, "cuts")).toEqual([]);
  });
});
