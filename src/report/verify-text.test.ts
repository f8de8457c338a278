import { describe, expect, it } from "vitest";
import type { Difference } from "../dataplane/verify/difference.ts";
import { plainStyle } from "./style.ts";
import { verifyText } from "./verify-text.ts";

const SIZE = { localPods: 1, pods: 12_000, classes: 41, areas: 7 };

function textOf(...differences: readonly Difference[]): string {
  return verifyText("one", SIZE, differences, plainStyle);
}

const OPEN: Difference = {
  code: "ports-differ",
  direction: "ingress",
  family: 4,
  chain: "in4_shop_db_0123",
  locals: ["shop/db"],
  localCount: 1,
  names: ["shop/web", "203.0.113.0/24"],
  count: 9,
  moreOpen: ["TCP/3306", "UDP/1-65535"],
};

describe("verifyText", () => {
  it("says that nothing differs, and how much was compared", () => {
    expect(textOf()).toBe(
      "kernel = model: 1 pod of node one, each against 12,000 pods in 41 classes and 7 blocks of addresses, both directions, both families, all ports\n",
    );
  });

  it("begins with what passes and should not, and ends with what to do", () => {
    const lines = textOf(
      { code: "element-missing", set: "peers_1", names: ["shop/api (10.0.0.1)"], count: 1 },
      OPEN,
    )
      .split("\n")
      .filter((line) => line !== "");
    expect(lines[0]).toBe("kernel differs from the model: 2 differences on node one");
    expect(lines[2]).toBe(
      "  ! IPv4 ingress, from shop/web, 203.0.113.0/24 and 7 more to shop/db: TCP 3306, every UDP port passes and should not (chain in4_shop_db_0123)",
    );
    expect(lines[3]).toBe("  * set peers_1 lacks shop/api (10.0.0.1)");
    expect(lines.at(-1)).toBe("To look at it: nft list chain inet podwall in4_shop_db_0123");
  });

  it("turns the ends around for egress", () => {
    const { moreOpen, ...rest } = OPEN;
    expect(textOf({ ...rest, direction: "egress", moreClosed: moreOpen!, skipsIngress: ["all"] })).toContain(
      "egress, from shop/db to shop/web, 203.0.113.0/24 and 7 more: TCP 3306, every UDP port should pass and does not; everything is not judged where it arrives",
    );
  });

  it("asks where it was run, if there is no table", () => {
    const text = textOf({ code: "table-missing" });
    expect(text).toContain("nothing is enforced");
    expect(text).toContain("network namespace");
  });

  it("shows some of many", () => {
    const many = Array.from({ length: 50 }, (_, i): Difference => ({ code: "chain-extra", chain: `c${i}` }));
    expect(textOf(...many)).toContain("... and 20 more (-o json has all of them)");
  });
});
