// Pods on three nodes, each with rules of its own: what a pod may send is judged where it runs, what it may receive
// where that one runs. Pods of both families, and of either alone.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { node, pod, policy } from "./manifests.ts";
import { type Answers, having, runAround } from "./steps.ts";

const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  node("three", "172.18.0.3", "fd00:18::3"),
  pod("client", "client", "one", ["10.244.1.1", "fd00:10:244:1::1"], "TCP/80"),
  pod("sender", "sender", "one", ["10.244.1.2", "fd00:10:244:1::2"], "TCP/80"),
  pod("server", "server", "two", ["10.244.2.1", "fd00:10:244:2::1"], "TCP/80", "UDP/53"),
  pod("beside", "beside", "two", ["10.244.2.2", "fd00:10:244:2::2"], "TCP/80"),
  pod("third", "client", "three", ["10.244.3.1", "fd00:10:244:3::1"], "TCP/80"),
  pod("four", "client", "three", ["10.244.3.4"], "TCP/80"),
  pod("six", "client", "three", ["fd00:10:244:3::6"], "TCP/80"),
  pod("server4", "server", "two", ["10.244.2.4"], "TCP/80"),
  pod("server6", "server", "one", ["fd00:10:244:1::6"], "TCP/80"),
].join("");
const INGRESS = policy(
  "server",
  "server",
  "{ingress: [{from: [{podSelector: {matchLabels: {role: client}}}], ports: [{port: 80}]}]}",
);
const EGRESS = policy(
  "sender",
  "sender",
  "{policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {role: beside}}}]}]}",
);

const ALLOWED = [
  "shop/client -> shop/server TCP 80",
  "shop/third -> shop/server TCP 80",
  "shop/server -> shop/third TCP 80",
  "shop/beside -> shop/client TCP 80",
  "shop/sender -> shop/beside TCP 80",
  "shop/third -> shop/sender TCP 80",
  "shop/four -> shop/server TCP 80",
  "shop/six -> shop/server TCP 80",
  "shop/client -> shop/server4 TCP 80",
  "shop/client -> shop/server6 TCP 80",
  "shop/four -> shop/server4 TCP 80",
  "shop/six -> shop/server6 TCP 80",
];
const BY_INGRESS = [
  "shop/client -> shop/server UDP 53",
  "shop/client -> shop/server ICMP",
  "shop/third -> shop/server UDP 53",
  "shop/beside -> shop/server TCP 80",
  "shop/beside -> shop/server4 TCP 80",
  "shop/beside -> shop/server6 TCP 80",
];
const BY_EGRESS = [
  "shop/sender -> shop/client TCP 80",
  "shop/sender -> shop/third TCP 80",
  "shop/sender -> shop/four TCP 80",
  "shop/sender -> shop/six TCP 80",
];
const NO_FAMILY = ["shop/four -> shop/six TCP 80", "shop/six -> shop/server4 TCP 80"];
const ALL = [...ALLOWED, ...BY_INGRESS, ...BY_EGRESS, ...NO_FAMILY];

describeKernel("pods on several nodes", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: CLUSTER },
      { probes: ALL, as: "without policies" },
      { state: CLUSTER + INGRESS + EGRESS },
      { probes: ALL, as: "with policies" },
      ...["one", "two", "three"].map((name) => ({
        run: `node:${name}`,
        argv: ["nft", "-j", "list", "table", "inet", "podwall"],
        as: name,
      })),
      { state: CLUSTER + INGRESS },
      { probes: BY_EGRESS, as: "without egress policies" },
      { state: CLUSTER + EGRESS },
      { probes: BY_INGRESS, as: "without ingress policies" },
    ]);
  });
  /** Chains of classes, by the pod that gives them their names. */
  const chains = (nodeName: string): string[] => {
    const { nftables } = JSON.parse(answers[nodeName]!.stdout!) as {
      nftables: { chain?: { name: string } }[];
    };
    const names = nftables.flatMap(
      ({ chain }) => /^(?:in|eg)[46]_shop_[a-z0-9]+/.exec(chain?.name ?? "") ?? [],
    );
    return [...new Set(names)].sort();
  };

  it("reach each other wherever they run while no policy is about them, but not from family to family", () => {
    expect(having("passed", answers["without policies"])).toEqual([...ALLOWED, ...BY_INGRESS, ...BY_EGRESS]);
    expect(having("no common family", answers["without policies"])).toEqual(NO_FAMILY);
  });

  it("reach what is allowed and nothing else, with policies", () => {
    expect(having("passed", answers["with policies"])).toEqual(ALLOWED);
    expect(having("stopped", answers["with policies"])).toEqual([...BY_INGRESS, ...BY_EGRESS]);
  });

  it("are judged as senders by their own node, and as receivers by theirs", () => {
    expect(chains("one")).toEqual(["eg4_shop_sender", "eg6_shop_sender", "in6_shop_server6"]);
    expect(chains("two")).toEqual(["in4_shop_server", "in4_shop_server4", "in6_shop_server"]);
    expect(chains("three")).toEqual([]);
  });

  it("are stopped by the policies of the one side alone", () => {
    expect(having("passed", answers["without egress policies"])).toEqual(BY_EGRESS);
    expect(having("passed", answers["without ingress policies"])).toEqual(BY_INGRESS);
  });
});
