import { describe, expect, it } from "vitest";
import { API_ONLY, changeLines, diffOf, podText, policyText, SHOP_PODS } from "./diff.fixture.ts";

const DB = "podSelector: {matchLabels: {app: db}}";
const ANYWHERE = '{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}';
const FROM_ANYWHERE = policyText("db", `${DB}\n  ingress: [{from: [${ANYWHERE}], ports: [{port: 5432}]}]`);

describe("a change of policies", () => {
  it("opens what a new rule allows, the dangerous part first, with the rule that does", () => {
    const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, `${SHOP_PODS}---\n${FROM_ANYWHERE}`);
    expect(changeLines(diff)).toEqual([
      "opens by policy: outside 0.0.0.0/0,batch/job,shop/web -> shop/db TCP/5432",
      // By another block of the rule.
      "opens by policy: outside ::/0 -> shop/db TCP/5432",
    ]);
    const [change] = diff.changes;
    expect(change).toMatchObject({ danger: "from-outside", wellKnown: [{ name: "PostgreSQL" }] });
    const [side] = change!.reason!.sides;
    expect(side?.after?.reading?.policy.id).toBe("shop/db");
    expect(side?.after?.peer).toMatchObject({ kind: "addresses" });
    expect(diff.counts).toMatchObject({
      opens: 3,
      closes: 0,
      by: { policy: { opens: 3 }, pods: { opens: 0 } },
    });
  });

  it("closes what nothing allows any more", () => {
    const diff = diffOf(
      SHOP_PODS,
      `${SHOP_PODS}---\n${policyText("deny", "podSelector: {}\n  policyTypes: [Ingress]")}`,
    );
    expect(changeLines(diff)).toEqual([
      "closes by policy: outside 0.0.0.0/0,outside ::/0,batch/job,shop/api,shop/db,shop/web -> shop/api,shop/db,shop/web all",
    ]);
    // Three workloads, each from the other three and from outside.
    expect(diff.counts).toMatchObject({ opens: 0, closes: 12 });
    expect(diff.isolation.map(({ peer, direction, now }) => [peer.name, direction, now])).toEqual([
      ["api", "ingress", "isolated"],
      ["db", "ingress", "isolated"],
      ["web", "ingress", "isolated"],
    ]);
  });

  it("opens IPv6 where a policy goes that let in every IPv4 address and no other", () => {
    const db = podText("db", "app: db", ["5432"]);
    const everyIpv4 = policyText("db", `${DB}\n  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]`);
    const diff = diffOf(`${db}---\n${everyIpv4}`, db);
    expect(changeLines(diff)).toEqual(["opens by policy: outside ::/0 -> shop/db all"]);
    expect(diff.counts.opens).toBe(1);
  });

  it("is none where a policy says the same in other words", () => {
    const rewritten = policyText(
      "db",
      `${DB}\n  policyTypes: [Ingress]\n  ingress: [{ports: [{port: 5432, protocol: TCP}], from: [{podSelector: {matchLabels: {app: api}}}]}]`,
    );
    const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, `${SHOP_PODS}---\n${rewritten}`);
    expect(changeLines(diff)).toEqual([]);
    expect(diff.objects.policies.map(({ change }) => change)).toEqual(["rewritten"]);
  });

  it("does not see where objects are written, or in which order", () => {
    const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, {
      "z.yaml": SHOP_PODS,
      "a/b.yaml": `# moved\n${API_ONLY}`,
    });
    expect(diff.changes).toEqual([]);
    expect(diff.objects).toEqual({ policies: [], workloads: [], namespaces: [], nodes: 0 });
    expect(diff.counts).toMatchObject({ opens: 0, closes: 0 });
    // 12 pairs of pods, 4 pods to and from outside; of them db is closed to two pods and the outside.
    expect(diff.unchanged).toBe(12 + 8 - 3);
  });

  it("compares a range with the parts that the other side makes of it", () => {
    const from = (block: string): string =>
      policyText("db", `${DB}\n  ingress: [{from: [{ipBlock: {${block}}}]}]`);
    const diff = diffOf(
      `${SHOP_PODS}---\n${from("cidr: 203.0.0.0/8")}`,
      `${SHOP_PODS}---\n${from("cidr: 203.0.0.0/8, except: [203.9.0.0/16]")}`,
    );
    expect(changeLines(diff)).toEqual(["closes by policy: outside 203.9.0.0/16 -> shop/db all"]);
    expect(diff.counts).toMatchObject({ opens: 0, closes: 1 });
  });

  it("says of a family alone what is so in it alone", () => {
    const from = (block: string): string =>
      policyText("db", `${DB}\n  ingress: [{from: [{ipBlock: {cidr: ${block}}}]}]`);
    const diff = diffOf(
      `${SHOP_PODS}---\n${from("10.244.0.0/16")}`,
      `${SHOP_PODS}---\n${from('"fd00:10:244::/56"')}`,
    );
    expect(changeLines(diff)).toEqual([
      "opens by policy: outside fd00:10:244::/56 -> shop/db all",
      "opens by policy: batch/job,shop/api,shop/web -> shop/db all IPv6",
      "closes by policy: outside 10.244.0.0/16 -> shop/db all",
      "closes by policy: batch/job,shop/api,shop/web -> shop/db all IPv4",
    ]);
  });
});

describe("a change of pods", () => {
  it("is told apart from a change of policies", () => {
    const relabelled = SHOP_PODS.replace("app: web", "app: api");
    const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, `${relabelled}---\n${API_ONLY}`);
    expect(changeLines(diff)).toEqual(["opens by pods: shop/web -> shop/db TCP/5432"]);
    expect(diff.objects.workloads).toEqual([
      {
        change: "changed",
        id: "shop/web[Pod]",
        before: 1,
        after: 1,
        differs: ["labels"],
        labels: [{ key: "app", before: ["web"], after: ["api"] }],
      },
    ]);
  });

  it("counts what only both changes together do as one of pods, and what they undo not at all", () => {
    const team = policyText("db", `${DB}\n  ingress: [{from: [{podSelector: {matchLabels: {team: a}}}]}]`);
    const both = diffOf(
      `${SHOP_PODS}---\n${policyText("db", DB)}`,
      `${SHOP_PODS.replace("app: web", "app: web, team: a")}---\n${team}`,
    );
    expect(changeLines(both)).toEqual(["opens by pods: shop/web -> shop/db all"]);
    const undone = diffOf(
      `${SHOP_PODS.replace("app: web", "app: web, team: a")}---\n${policyText("db", DB)}`,
      `${SHOP_PODS}---\n${team}`,
    );
    expect(undone.changes).toEqual([]);
  });

  it("opens all that a new pod may do, and closes all that a removed one could", () => {
    const more = `${SHOP_PODS}${podText("new", "app: new")}`;
    const opened = diffOf(SHOP_PODS, more);
    expect(opened.counts).toMatchObject({
      opens: 10,
      closes: 0,
      by: { policy: { opens: 0 }, pods: { opens: 10 } },
    });
    const closed = diffOf(more, SHOP_PODS);
    expect(closed.counts).toMatchObject({ opens: 0, closes: 10, by: { pods: { closes: 10 } } });
  });

  it("is none where only the order of pods without addresses shifts", () => {
    const block = policyText("db", `${DB}\n  ingress: [{from: [{ipBlock: {cidr: 10.244.0.2/32}}]}]`);
    // Pods are given addresses by name: the new first one would take that of another.
    const after = `${podText("aaa/first", "app: first")}${SHOP_PODS}---\n${block}`;
    const diff = diffOf(`${SHOP_PODS}---\n${block}`, after);
    expect(changeLines(diff).filter((line) => !line.includes("aaa/first"))).toEqual([]);
  });

  it("between the pods of one workload is told too", () => {
    const deployment = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {namespace: shop, name: etcd}
spec:
  replicas: 3
  selector: {matchLabels: {app: etcd}}
  template:
    metadata: {labels: {app: etcd}}
    spec: {containers: [{name: c, image: i}]}
`;
    const deny = policyText("deny", "podSelector: {matchLabels: {app: etcd}}\n  policyTypes: [Ingress]");
    const diff = diffOf(deployment, `${deployment}---\n${deny}`);
    expect(changeLines(diff)).toEqual([
      "closes by policy: outside 0.0.0.0/0,outside ::/0 -> shop/etcd all",
      "closes by policy: within shop/etcd all",
    ]);
  });
});

it("counts and tells only what is asked about", () => {
  const options = {
    isAsked: (from: { id: string }) => from.id === "shop/web[Pod]",
  };
  const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, `${SHOP_PODS}---\n${FROM_ANYWHERE}`, options);
  expect(changeLines(diff)).toEqual(["opens by policy: shop/web -> shop/db TCP/5432"]);
  expect(diff.counts.opens).toBe(1);
  expect(diff.unchanged).toBeUndefined();
});

it("explains no more pairs than it may, the dangerous ones first", () => {
  const after = `${SHOP_PODS}---\n${FROM_ANYWHERE}---\n${policyText("web", "podSelector: {matchLabels: {app: web}}")}`;
  const diff = diffOf(`${SHOP_PODS}---\n${API_ONLY}`, after, { explained: 1 });
  expect(diff.changes.map(({ reason }) => reason !== undefined)).toEqual([true, false]);
  expect(diff.changes[0]).toMatchObject({ change: "opens", reasonOfOne: true });
});
