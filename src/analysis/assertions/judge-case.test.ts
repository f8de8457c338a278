import { describe, expect, it } from "vitest";
import { buildCluster } from "../../cluster/build.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import { formatAddress } from "../../net/address.ts";
import { portSetTokens } from "../../net/port-set.ts";
import { clusterEnds } from "./cluster-ends.ts";
import { coverageOf } from "./coverage.ts";
import type { CaseResult, JudgedCase } from "./judge-case.ts";
import { readAssertions } from "./read-assertions.ts";
import { runAssertions } from "./run-assertions.ts";

function pod(name: string, addresses: readonly string[], more = ""): string {
  const ports = "ports: [{name: sql, containerPort: 3306}, {name: dns, containerPort: 53, protocol: UDP}]";
  return `apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: ${name}, labels: {app: ${name.split("-")[0]}}}
spec: {nodeName: one, ${more}containers: [{name: c, image: i${name.startsWith("mute") ? "" : `, ${ports}`}}]}
status: {phase: ${name === "done" ? "Succeeded" : "Running"}, podIPs: [${addresses.map((ip) => `{ip: "${ip}"}`)}]}
`;
}

const MANIFESTS = [
  pod("db-0", ["10.244.0.1", "fd00:10:244::1"]),
  pod("db-1", ["10.244.0.2", "fd00:10:244::2"]),
  pod("web", ["10.244.0.3", "fd00:10:244::3"]),
  pod("old", ["10.244.0.4"]),
  pod("new", ["fd00:10:244::5"]),
  pod("mute", ["10.244.0.6", "fd00:10:244::6"]),
  pod("agent", ["172.18.0.2"], "hostNetwork: true, "),
  pod("done", ["10.244.0.9"]),
  `apiVersion: v1
kind: Node
metadata: {name: one}
spec: {podCIDRs: [10.244.0.0/24]}
status: {addresses: [{type: InternalIP, address: 172.18.0.2}]}
`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: sql}]
  - from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}]
  - from: [{podSelector: {matchLabels: {app: db}}}]
`,
].join("---\n");

function engineOf(text: string): Engine {
  const { objects, findings } = parseManifests([{ file: "a.yaml", text }]);
  expect(findings).toEqual([]);
  return createEngine(buildCluster(objects).cluster);
}

const engine = engineOf(MANIFESTS);
const ends = clusterEnds(engine.cluster);

function resultsOf(text: string): readonly CaseResult[] {
  const { assertions, findings } = readAssertions("a.podwall.yaml", text);
  expect(findings).toEqual([]);
  return runAssertions(engine, ends, assertions).cases;
}

function resultOf(fields: string): CaseResult {
  return resultsOf(`cases: [{${fields}}]`)[0]!;
}

describe("a case", () => {
  it.each([
    ["from: shop/web, to: shop/db-0:3306, expect: allow"],
    ["from: shop/web, to: shop/db-1:sql, expect: allow"],
    ["from: shop/web, to: shop/db-0:dns/UDP, expect: deny"],
    ["from: shop/web, to: shop/db-0:icmp, expect: deny"],
    ["from: shop/web, to: {namespace: shop, labels: {app: db}}, ports: [3306], expect: allow"],
    ["from: shop/old, to: {namespace: shop, labels: {app: db}}, expect: deny"],
    [
      "from: {anyone: true, except: [shop/web, shop/db-0, shop/db-1, 192.0.2.0/25]}, to: [shop/db-0, shop/db-1], expect: deny",
    ],
    // Replicas may talk to each other, and each to itself.
    ["from: {namespace: shop, labels: {app: db}}, to: {namespace: shop, labels: {app: db}}, expect: allow"],
    // A block in which only the node is outside: its own pods it may always reach.
    ["from: 192.0.2.1, to: shop/db-0:22, expect: allow"],
    ["from: 192.0.2.0/25, to: shop/db-0, port: all, expect: allow"],
    ["from: 192.0.2.128/25, to: shop/db-0, expect: deny"],
    ["from: 10.244.0.3, to: shop/db-0:3306, expect: allow"],
    ["from: {outside: true, except: [192.0.2.0/25]}, to: shop/db-0, expect: deny"],
    ["from: shop/db-0, to: outside, port: all, expect: allow"],
    // Declared ports, where none is named.
    ["from: anyone, to: shop/web, expect: allow, family: 4, name: x", "failed"],
    ["from: shop/db-0, to: shop/web, expect: allow"],
    // IPv6 outside is nobody's block.
    ["from: '2001:db8::1', to: shop/db-0, expect: deny"],
  ])("%s: holds", (fields, outcome = "passed") => {
    expect(resultOf(fields).outcome).toBe(outcome);
  });

  it.each([
    ["from: shop/web, to: shop/db-0, expect: allow", ["UDP/53"], "shop/web shop/db-0"],
    ["from: shop/web, to: shop/db-0, expect: deny", ["TCP/3306"], "shop/web shop/db-0"],
    [
      "from: shop/web, to: shop/db-0, ports: [3300-3310, 22], expect: deny",
      ["TCP/3306"],
      "shop/web shop/db-0",
    ],
    [
      "from: shop/web, to: shop/db-0, ports: [3305-3307], expect: allow",
      ["TCP/3305", "TCP/3307"],
      "shop/web shop/db-0",
    ],
    ["from: outside, to: shop/db-0, expect: deny", ["all"], "192.0.2.1 shop/db-0"],
    ["from: 192.0.2.0/24, to: shop/db-0:80, expect: allow", ["TCP/80"], "192.0.2.129 shop/db-0"],
    ["from: shop/old, to: shop/new, port: 80, expect: allow", ["TCP/80"], "shop/old shop/new"],
    ["from: 192.0.2.1, to: shop/new, port: 80, expect: allow", ["TCP/80"], "192.0.2.1 shop/new"],
  ])("%s: fails with %j of %s", (fields, tokens, pair) => {
    const result = resultOf(fields) as JudgedCase;
    expect(result.outcome).toBe("failed");
    const [{ from, to, ports }] = result.counterexamples as [JudgedCase["counterexamples"][0]];
    const names = [from, to].map((end) => (end.kind === "pod" ? end.pod.id : formatAddress(end.address)));
    expect(names.join(" ")).toBe(pair);
    expect(portSetTokens(ports)).toEqual(tokens);
    expect(result.explanations.some(({ allowed }) => allowed === fields.includes("deny"))).toBe(true);
  });

  it.each([
    [
      "from: shop/wbe, to: shop/db-0, expect: deny",
      "no pod and no workload shop/wbe",
      "Did you mean shop/web?",
    ],
    [
      "from: web, to: shop/db-0, expect: deny",
      "no pod and no workload default/web",
      "Did you mean shop/web?",
    ],
    ["from: shop/done, to: shop/db-0, expect: deny", "has finished", undefined],
    ["from: {namespace: shpo}, to: shop/db-0, expect: deny", "no namespace shpo", "Did you mean shop?"],
    [
      "from: {namespace: shop, labels: {app: wbe}}, to: shop/db-0, expect: deny",
      "no pod app=wbe of namespace shop",
      "Did you mean app=web?",
    ],
    [
      "from: {namespace: shop, labels: {tier: x}}, to: shop/db-0, expect: deny",
      "no pod tier=x",
      "has a label tier",
    ],
    [
      "from: {namespaces: {matchLabels: {team: x}}}, to: shop/db-0, expect: deny",
      "No namespace has labels team=x",
      "has a label team",
    ],
    [
      "from: {namespace: shop, except: [wbe]}, to: shop/db-0, expect: deny",
      "no workload shop/wbe",
      "Did you mean shop/web?",
    ],
    [
      "from: {cidr: 192.0.2.1/32, except: [192.0.2.0/24]}, to: shop/db-0, expect: deny",
      "Nobody is left",
      "Shorten except",
    ],
    [
      "from: {outside: true, cidr: 10.244.0.0/25}, to: shop/db-0, expect: deny",
      "belongs to the cluster",
      undefined,
    ],
    ["from: shop/db-0, to: shop/mute, expect: allow", "shop/mute declare no ports", "port: all"],
    ["from: shop/db-0, to: outside, expect: allow", "addresses declare no ports", "port: all"],
    [
      "from: shop/db-0, to: [shop/web, shop/mute], port: sql, expect: allow",
      "no TCP port named sql at shop/mute",
      "sql/TCP, dns/UDP",
    ],
    ["from: shop/db-0, to: shop/mute, port: sql, expect: deny", "no TCP port named sql", "Give its number"],
    ["from: shop/db-0, to: outside, port: sql, expect: deny", "only pods can declare", "Give its number"],
    ["from: shop/db-0, to: shop/db-0, expect: deny", "nothing to judge", "policies can decide"],
    ["from: shop/agent, to: shop/db-0, expect: deny", "nothing to judge", "policies can decide"],
    ["from: 172.18.0.2, to: shop/db-0, expect: deny", "nothing to judge", "policies can decide"],
    ["from: outside, to: 172.18.0.2, expect: deny", "no policy decides", "Policies are about pods"],
    ["from: shop/old, to: shop/new, expect: deny", "share no family", "policies can decide"],
    ["from: shop/old, to: shop/web, family: 6, expect: deny", "share no IPv6", "policies can decide"],
  ])("%s: cannot be judged: %s", (fields, message, help) => {
    const result = resultOf(fields);
    expect(result.outcome).toBe("error");
    if (result.outcome !== "error") return;
    expect(result.problem.message).toContain(message);
    if (help === undefined) expect(result.problem.help).toBeUndefined();
    else expect(result.problem.help).toContain(help);
  });

  it("of a port name asks of a deny only those that declare it", () => {
    expect(resultOf("from: shop/old, to: [shop/db-0, shop/mute], port: sql, expect: deny")).toMatchObject({
      outcome: "passed",
      pairs: 1,
    });
  });

  it("counts pairs in each family, and neither a pod with itself nor a node with its own pods", () => {
    const count = (fields: string): readonly number[] => {
      const { pairs, failing } = resultOf(fields) as JudgedCase;
      return [pairs, failing];
    };
    expect(count("from: shop/web, to: [shop/db-0, shop/db-1], port: 22, expect: deny")).toEqual([4, 0]);
    expect(count("from: [shop/db-0, shop/db-1], to: [shop/db-0, shop/db-1], port: 22, expect: deny")).toEqual(
      [4, 4],
    );
    expect(count("from: [shop/web, shop/agent], to: [shop/db-0], port: 22, expect: deny")).toEqual([2, 0]);
    // Outside: within the block's half that is let in, within its other half, and all other addresses.
    expect(count("from: outside, to: shop/old, expect: deny, family: 4")).toEqual([3, 3]);
  });

  it("points at the place that cannot be judged", () => {
    const [result] = resultsOf("cases:\n- from: anyone\n  to: [shop/web, shop/wbe]\n  expect: deny\n");
    if (result?.outcome !== "error") expect.fail("it was judged");
    expect(result.assertion.origin.position(result.problem.path)).toMatchObject({ line: 3, column: 18 });
  });
});

describe("coverage", () => {
  it("is what no case speaks of, whatever the cases expect", () => {
    const results = resultsOf(`cases:
- {from: shop/web, to: shop/db-0:3306, expect: allow}
- {from: shop/web, to: shop/db-1:22, expect: deny}
- {from: anyone, to: shop/old:22, expect: deny}
- {from: shop/nobody, to: shop/db-1, expect: deny}
`);
    const { connections, covered, partly, uncovered } = coverageOf(engine, ends, results);
    expect(covered + uncovered.length).toBe(connections);
    expect(covered).toBe(1);
    const left = uncovered.filter(({ connection, ports }) => ports !== connection.ports);
    expect(left).toHaveLength(partly);
    expect(new Set(left.map(({ connection }) => connection.to.id))).toEqual(new Set(["shop/old[Pod]"]));
    expect(portSetTokens(left[0]!.ports)).toContain("TCP/1-21");
    const web = uncovered.filter(
      ({ connection: { from, to } }) => from.id === "shop/web[Pod]" && to.id === "shop/db-1[Pod]",
    );
    expect(web.map(({ ports }) => portSetTokens(ports))).toEqual([["TCP/3306"]]);
  });
});
