import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENGINE_POLICY_KINDS, engineOf } from "../../../test/agreement/from-raw.ts";
import { randomCluster } from "../../../test/generators/cluster.ts";
import type { RawCluster } from "../../../test/reference/raw.ts";
import { buildCluster } from "../../cluster/build.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import { createEngine } from "../../engine/engine.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import { describeUnless } from "../../lab/testing/harness.ts";
import { compileProgram } from "../compile/compile.ts";
import { createNodeProgram } from "../compile/node-program.ts";
import { deltaOf, formatDelta, programDelta } from "./delta.ts";
import { EMPTY_PROGRAM, type Program, type ProgramChain, type ProgramSet } from "./program.ts";

function programOf(chains: readonly ProgramChain[], sets: readonly ProgramSet[] = []): Program {
  return {
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    sets: new Map(sets.map((set) => [set.name, set])),
  };
}

function addressSet(name: string, ...elements: string[]): ProgramSet {
  const values = new Map(elements.map((element) => [element, ""]));
  return { name, kind: "set", type: "ipv4_addr", interval: false, elements: values };
}

function verdictMap(name: string, elements: Record<string, string>): ProgramSet {
  const type = "ipv4_addr : verdict";
  return { name, kind: "map", type, interval: false, elements: new Map(Object.entries(elements)) };
}

function commands(from: Program, to: Program): string[] {
  return programDelta(from, to).map(({ command }) => command);
}

const FORWARD: ProgramChain = { name: "forward", hook: "forward", rules: ["ip daddr vmap @jumps"] };
const DB: ProgramChain = { name: "db", comment: "ingress of db", rules: ["ip saddr @web accept", "drop"] };

describe("programDelta", () => {
  it("is empty between equal programs", () => {
    const a = programOf([FORWARD, DB], [addressSet("web", "10.0.0.1")]);
    const b = programOf([DB, FORWARD], [addressSet("web", "10.0.0.1")]);
    expect(programDelta(a, b)).toEqual([]);
    expect(formatDelta([])).toBe("");
  });

  it("declares before it uses, and gives base chains their rules last", () => {
    const sets = [addressSet("web", "10.0.0.1"), verdictMap("jumps", { "10.0.0.2": "goto db" })];
    expect(commands(EMPTY_PROGRAM, programOf([FORWARD, DB], sets))).toEqual([
      "add table inet podwall",
      "add chain inet podwall forward { type filter hook forward priority filter; policy accept; }",
      'add chain inet podwall db { comment "ingress of db"; }',
      "add set inet podwall web { type ipv4_addr; }",
      "add map inet podwall jumps { type ipv4_addr : verdict; }",
      "add element inet podwall web { 10.0.0.1 }",
      "add element inet podwall jumps { 10.0.0.2 : goto db }",
      "add rule inet podwall db ip saddr @web accept",
      "add rule inet podwall db drop",
      "add rule inet podwall forward ip daddr vmap @jumps",
    ]);
  });

  it("lets go of everything that names a thing before it deletes the thing", () => {
    const before = programOf(
      [FORWARD, DB],
      [addressSet("web", "10.0.0.1"), verdictMap("jumps", { "10.0.0.2": "goto db" })],
    );
    const after = programOf([FORWARD], [verdictMap("jumps", {})]);
    expect(commands(before, after)).toEqual([
      "delete element inet podwall jumps { 10.0.0.2 : goto db }",
      "flush chain inet podwall db",
      "delete chain inet podwall db",
      "delete set inet podwall web",
    ]);
  });

  it("empties a map that goes before the chains that it names", () => {
    const before = programOf([FORWARD, DB], [verdictMap("jumps", { "10.0.0.2": "goto db" })]);
    const after = programOf([{ ...FORWARD, rules: ["accept"] }]);
    expect(commands(before, after)).toEqual([
      "flush chain inet podwall forward",
      "flush chain inet podwall db",
      "add rule inet podwall forward accept",
      "flush map inet podwall jumps",
      "delete chain inet podwall db",
      "delete map inet podwall jumps",
    ]);
  });

  it("takes an element with another verdict out before it puts it in again", () => {
    const before = programOf([DB], [verdictMap("jumps", { "10.0.0.2": "goto db" })]);
    const after = programOf([DB, { ...DB, name: "web" }], [verdictMap("jumps", { "10.0.0.2": "goto web" })]);
    const elements = commands(before, after).filter((command) => command.includes("element"));
    expect(elements).toEqual([
      "delete element inet podwall jumps { 10.0.0.2 : goto db }",
      "add element inet podwall jumps { 10.0.0.2 : goto web }",
    ]);
  });

  it("cuts long lists of elements", () => {
    const elements = Array.from({ length: 1001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const delta = commands(
      programOf([DB], [addressSet("web")]),
      programOf([DB], [addressSet("web", ...elements)]),
    );
    expect(delta.map((command) => command.match(/10\./g)?.length)).toEqual([500, 500, 1]);
  });

  it("says of each command what it is for", () => {
    const delta = programDelta(EMPTY_PROGRAM, programOf([DB], [addressSet("web", "10.0.0.1")]));
    expect([...new Set(delta.map(({ target }) => target))]).toEqual(["table", "chain db", "set web"]);
    expect(formatDelta(delta).split("\n")).toHaveLength(delta.length + 1);
  });
});

const pod = (name: string, app: string, address: string): string =>
  `{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": "${name}", "labels": {"app": "${app}"}},
    "spec": {"nodeName": "a", "containers": [{"name": "c", "image": "i"}]}, "status": {"podIP": "${address}"}}`;

const POLICY = `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "shop", "name": "db"},
  "spec": {"podSelector": {"matchLabels": {"app": "db"}},
    "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 5432}]}]}}`;

function clusterOfManifests(...texts: string[]): Cluster {
  const { objects, findings } = parseManifests([{ file: "input", text: texts.join("\n---\n") }]);
  expect(findings).toEqual([]);
  return buildCluster(objects).cluster;
}

function programOfManifests(...texts: string[]): Program {
  return compileProgram(createEngine(clusterOfManifests(...texts)), "a");
}

describe("the delta of a cluster that changes", () => {
  const db = pod("db-0", "db", "10.244.0.1");
  const web = pod("web-0", "web", "10.244.0.2");

  it.each([
    ["a pod that arrives where a policy selects it", pod("db-1", "db", "10.244.0.3")],
    ["a pod that arrives where a rule lets it in", pod("web-1", "web", "10.244.0.4")],
    ["a pod of which no policy speaks", pod("lone", "lone", "10.244.0.5")],
  ])("touches nothing but elements for %s", (_, arriving) => {
    const engine = createEngine(clusterOfManifests(POLICY, db, web));
    const live = createNodeProgram(engine, "a");
    live.update();
    const commandsTo = (...texts: string[]): string[] => {
      engine.apply(clusterChanges(engine.cluster, clusterOfManifests(...texts)));
      return deltaOf(live.update()).map(({ command }) => command);
    };
    const coming = commandsTo(POLICY, db, web, arriving);
    const going = commandsTo(POLICY, db, web);
    expect(coming.length).toBeGreaterThan(0);
    for (const command of coming) expect(command).toMatch(/^add element /);
    for (const command of going) expect(command).toMatch(/^delete element /);
    expect(going).toHaveLength(coming.length);
  });
});

it("renames a chain whose comment would tell of another workload, as comments cannot be changed", () => {
  const deployment = `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop", "name": "db"},
    "spec": {"selector": {"matchLabels": {"app": "db"}}, "template": {"metadata": {"labels": {"app": "db"}},
      "spec": {"nodeName": "a", "containers": [{"name": "c", "image": "i"}]}}}}`;
  const before = programOfManifests(POLICY, pod("db", "db", "10.244.0.1"));
  const after = programOfManifests(POLICY, deployment);
  for (const [name, { comment }] of after.chains) {
    const old = before.chains.get(name);
    if (old !== undefined) expect(old.comment).toBe(comment);
  }
});

/** The steps of a walk: clusters that have little in common, and between them the loss of a pod or a policy. */
function walk(length: number): RawCluster[] {
  const steps: RawCluster[] = [];
  for (let seed = 1; steps.length < length; seed++) {
    const cluster = randomCluster(seed, { maxNodes: 2, maxPods: 10, policyKinds: ENGINE_POLICY_KINDS });
    const fewerPods = { ...cluster, pods: cluster.pods.slice(1) };
    steps.push(cluster, fewerPods, { ...fewerPods, networkPolicies: cluster.networkPolicies.slice(1) });
  }
  return steps;
}

/** A listing whose order says nothing but in chains: blocks and elements sorted. */
function normalised(listing: string): string {
  const sorted = listing.replace(/elements = \{([^}]*)\}/g, (_, list: string) => {
    const elements = list.split(",").map((element) => element.trim().replace(/\s+/g, " "));
    return `elements = { ${elements.sort().join(", ")} }`;
  });
  return sorted
    .split(/\n(?=\t(?:set|map|chain) )/)
    .map((block) => block.replace(/\n}\s*$/, "").trim())
    .sort()
    .join("\n");
}

const namespace = process.getuid?.() === 0 ? ["--net"] : ["--user", "--map-root-user", "--net"];
const probe = spawnSync("unshare", [...namespace, "nft", "list", "ruleset"], { encoding: "utf8" });
const unavailable = probe.status === 0 ? "" : (probe.error?.message ?? probe.stderr).trim();
const reason = unavailable === "" ? undefined : `unshare ${namespace.join(" ")} nft says: ${unavailable}`;

describeUnless(reason, "a delta in the kernel", () => {
  it("leaves exactly what a fresh load of the program makes, over a walk of random clusters", () => {
    const directory = mkdtempSync(join(tmpdir(), "podwall-delta-"));
    try {
      const list = (file: string): string => `nft -s list table inet podwall > ${file}`;
      const clusters = walk(30);
      const walked: string[] = [];
      let previous = EMPTY_PROGRAM;
      for (const [step, cluster] of clusters.entries()) {
        const program = compileProgram(engineOf(cluster), "node-0");
        writeFileSync(join(directory, `step-${step}`), formatDelta(programDelta(previous, program)));
        writeFileSync(join(directory, `fresh-${step}`), formatDelta(programDelta(EMPTY_PROGRAM, program)));
        walked.push(`nft -f step-${step}`, list(`walked-${step}`));
        previous = program;
      }
      const run = (script: readonly string[]): void => {
        const shell = [...namespace, "sh", "-e", "-c", script.join("\n")];
        const { status, stderr } = spawnSync("unshare", shell, { cwd: directory, encoding: "utf8" });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      };
      run(walked);
      for (const step of clusters.keys()) {
        run([`nft -f fresh-${step}`, list(`loaded-${step}`)]);
        const text = (name: string): string => readFileSync(join(directory, `${name}-${step}`), "utf8");
        expect(text("loaded")).toContain("chain forward");
        expect(normalised(text("walked")), `step ${step}`).toBe(normalised(text("loaded")));
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
