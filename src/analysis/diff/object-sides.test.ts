import { describe, expect, it } from "vitest";
import {
  namespaceObject,
  nodeObject,
  podObject,
  policyObject,
  workloadObject,
} from "../../cluster/objects.fixture.ts";
import { formatAddress } from "../../net/address.ts";
import { buildSides, comparableSides, objectKey } from "./object-sides.ts";

const keys = (objects: readonly Parameters<typeof objectKey>[0][]): string[] => objects.map(objectKey);

describe("sides without pods", () => {
  const cluster = [namespaceObject("shop"), nodeObject("n1"), podObject("web"), policyObject("old")];

  it("borrow pods, namespaces and nodes of the other, and no policy", () => {
    const sides = comparableSides(cluster, [policyObject("new")]);
    expect(sides.borrowed).toBe("after");
    expect(keys(sides.after)).toEqual([
      "NetworkPolicy shop/new",
      "Namespace /shop",
      "Node /n1",
      "Pod shop/web",
    ]);
    expect(sides.before).toEqual(cluster);
    expect(comparableSides([policyObject("new")], cluster).borrowed).toBe("before");
  });

  it("keep their own namespaces", () => {
    const own = namespaceObject("shop", { team: "a" });
    expect(comparableSides(cluster, [own]).after).toContain(own);
  });

  it("both get what counts on both", () => {
    const sides = comparableSides([policyObject("a")], [policyObject("b")], [podObject("web")]);
    expect(sides.borrowed).toBeUndefined();
    expect(keys(sides.before)).toEqual(["NetworkPolicy shop/a", "Pod shop/web"]);
    expect(keys(sides.after)).toEqual(["NetworkPolicy shop/b", "Pod shop/web"]);
  });

  it("without pods anywhere stay as they are", () => {
    expect(comparableSides([policyObject("a")], [])).toEqual({ before: [policyObject("a")], after: [] });
  });
});

describe("addresses that nobody gave", () => {
  const addresses = ({ pods }: { readonly pods: readonly { id: string; addresses: object }[] }) =>
    Object.fromEntries(
      pods.map(({ id, addresses }) => [id, Object.values(addresses).map((each) => formatAddress(each))[0]]),
    );

  it("stay with pods of the same name", () => {
    const { before, after } = buildSides({
      before: [podObject("m"), podObject("z")],
      after: [podObject("a"), podObject("m"), podObject("z")],
    });
    expect(addresses(after)).toMatchObject(addresses(before));
  });

  it("are handed on within a workload whose pods have other names", () => {
    const controller = { kind: "ReplicaSet", name: "web-1" };
    const labels = { "pod-template-hash": "1" };
    const { before, after } = buildSides({
      before: [podObject("web-1-x", { controller, labels, addresses: ["10.9.9.9"] })],
      after: [workloadObject("Deployment", "web"), podObject("a")],
    });
    expect(addresses(before)).toEqual({ "shop/web-1-x": "10.9.9.9" });
    expect(addresses(after)["shop/web-0"]).toBe("10.9.9.9");
  });

  it("give way to what the new side gives to another pod", () => {
    const { after, findings } = buildSides({
      before: [podObject("a")],
      after: [podObject("a"), podObject("b", { addresses: ["10.244.0.1"] })],
    });
    expect(findings.after).toEqual([]);
    expect(addresses(after)).toEqual({ "shop/a": "10.244.0.2", "shop/b": "10.244.0.1" });
  });
});
