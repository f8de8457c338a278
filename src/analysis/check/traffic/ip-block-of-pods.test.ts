import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { ipBlockOfPods } from "./ip-block-of-pods.ts";
import { policyText } from "./traffic.fixture.ts";

const NODES = ["10.244.0.0/24", "10.244.1.0/24"]
  .map((range, i) => `---\napiVersion: v1\nkind: Node\nmetadata: {name: n${i}}\nspec: {podCIDR: ${range}}\n`)
  .join("");

const pod = (name: string, address: string): string =>
  podText(name, "app: web").replace("spec: {", "spec: {nodeName: n0, ") +
  `status: {phase: Running, podIP: ${address}}\n`;

const PODS = pod("shop/web", "10.244.0.7") + pod("shop/api", "10.244.1.8");

const policy = (block: string, direction: "from" | "to" = "from"): string =>
  policyText(
    "db",
    `podSelector: {matchLabels: {app: db}}\n${direction === "from" ? "ingress" : "egress"}:\n- ${direction}:\n  - ipBlock:\n      ${block}`,
  );

describe("ip-block-of-pods", () => {
  it("tells which pods a larger block takes in, and what to except", () => {
    const findings = findingsOf(ipBlockOfPods, policy("cidr: 10.0.0.0/8") + NODES + PODS);
    expect(placesOf(findings)).toEqual(["10:15 warning ip-block-of-pods"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "10.0.0.0/8 takes in the pod range 10.244.0.0/16 too: the rule lets in every pod that has an address there (2 pods today: shop/web and shop/api).",
      help: "If only addresses outside of the cluster were meant, put 10.244.0.0/16 under except.",
      fix: {
        safe: false,
        edits: [{ kind: "add-field", at: { line: 10, column: 9 }, name: "except", value: ["10.244.0.0/16"] }],
      },
    });
  });

  it("adds to the exceptions that are there", () => {
    const block = "cidr: 10.0.0.0/8\n      except: [10.1.0.0/16]";
    const [finding] = findingsOf(ipBlockOfPods, policy(block) + NODES + PODS);
    expect(finding!.message).toMatch(/^10\.0\.0\.0\/8 except 10\.1\.0\.0\/16 takes in the pod range/);
    expect(finding!.fix!.edits).toMatchObject([
      { kind: "add-item", at: { line: 11 }, value: "10.244.0.0/16" },
    ]);
  });

  it("is an info where the range is only the usual one", () => {
    const findings = findingsOf(ipBlockOfPods, policy("cidr: 10.0.0.0/8") + podText("shop/web", "app: web"));
    expect(placesOf(findings)).toEqual(["10:15 info ip-block-of-pods"]);
    expect(findings[0]!.message).toBe(
      "10.0.0.0/8 takes in the pod range 10.244.0.0/16 that most clusters have too: the rule lets in every pod that has an address there.",
    );
  });

  it("tells whose a single address is", () => {
    const findings = findingsOf(ipBlockOfPods, policy("cidr: 10.244.0.7/32", "to") + NODES + PODS);
    expect(placesOf(findings)).toEqual(["10:15 warning ip-block-of-pods"]);
    expect(findings[0]).toMatchObject({
      message:
        "10.244.0.7 is the address of pod shop/web today. Pods get other addresses when they are made anew: whoever has it then is reached.",
      help: "Select the pod by its labels, with podSelector and namespaceSelector.",
    });
    const [nobody] = findingsOf(ipBlockOfPods, policy("cidr: 10.244.0.9/32") + NODES + PODS);
    expect(nobody!.message).toBe(
      "10.244.0.9 lies in the pod range 10.244.0.0/16, where addresses pass from pod to pod: whoever has it gets in.",
    );
  });

  it("is an info for the pods of a node, or all of them: pods were meant", () => {
    const findings = findingsOf(ipBlockOfPods, policy("cidr: 10.244.0.0/24") + NODES + PODS);
    expect(placesOf(findings)).toEqual(["10:15 info ip-block-of-pods"]);
    expect(findings[0]!.message).toBe(
      "10.244.0.0/24 lies in the pod range 10.244.0.0/16: the rule lets in whichever pods have these addresses (1 pod today: shop/web).",
    );
  });

  it("tells the same block once", () => {
    const two = policy("cidr: 10.0.0.0/8") + policy("cidr: 10.0.0.0/8").replace("name: db", "name: two");
    const findings = findingsOf(ipBlockOfPods, two + NODES + PODS);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.related).toMatchObject([{ message: "the same block in NetworkPolicy shop/two" }]);
  });

  it.each([
    ["an excepted range", "cidr: 10.0.0.0/8\n      except: [10.244.0.0/16]"],
    ["a larger exception", "cidr: 0.0.0.0/0\n      except: [10.0.0.0/8]"],
    ["everything", "cidr: 0.0.0.0/0"],
    ["addresses elsewhere", "cidr: 192.0.2.0/24"],
    ["another part of 10.0.0.0/8", "cidr: 10.20.0.0/16"],
    ["IPv6", "cidr: 2001:db8::/32"],
  ])("says nothing of %s", (_, block) => {
    expect(findingsOf(ipBlockOfPods, policy(block) + NODES + PODS)).toEqual([]);
    expect(findingsOf(ipBlockOfPods, policy(block) + podText("shop/web", "app: web"))).toEqual([]);
  });
});
