// Every example: the expected table, worked out by hand, against the engine and against packets; and once more
// without the policies, which must change what is measured.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { type Family, parseAddress } from "../../src/net/address.ts";
import { NO_PORTS, portSetFromTokens, portSetHas, portSetTokens } from "../../src/net/port-set.ts";
import { loadCluster } from "../../src/source/load-cluster.ts";
import { ROOT } from "../cli/run-podwall.ts";
import { type ExpectedRow, type ExpectedTable, parseExpectedTable } from "../examples/expected-table.ts";
import { describeKernel } from "./kernel-support.ts";
import { differing, measure, type Probe } from "./measure.ts";

const folders = readdirSync(`${ROOT}examples`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith("expected.txt"))
  .map((file) => `examples/${file.replace(/\/expected\.txt$/, "")}`)
  .sort();

function tableOf(folder: string): ExpectedTable {
  return parseExpectedTable(readFileSync(`${ROOT}${folder}/expected.txt`, "utf8"));
}

async function engineOf(folder: string): Promise<Engine> {
  const { cluster, findings } = await loadCluster([`${ROOT}${folder}`], {});
  expect(findings).toEqual([]);
  return createEngine(cluster);
}

function endsOf(engine: Engine, name: string): End[] {
  const address = parseAddress(name);
  if (address !== undefined) return [{ kind: "address", address }];
  const workload = engine.cluster.workloads.find((each) => `${each.namespace}/${each.name}` === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  return workload.pods.map((pod) => ({ kind: "pod", pod }));
}

function familiesOf(row: ExpectedRow): Family[] {
  return row.family === undefined ? [4, 6] : [row.family === "IPv4" ? 4 : 6];
}

function hasFamily(end: End, family: Family): boolean {
  return end.kind === "pod" ? end.pod.addresses[family] !== undefined : end.address.family === family;
}

describe("the engine gives every example's expected table", () => {
  it("finds the examples", () => {
    expect(folders.length).toBeGreaterThanOrEqual(20);
  });
  it.each(folders)("%s", async (folder) => {
    const engine = await engineOf(folder);
    for (const row of tableOf(folder).rows) {
      for (const from of endsOf(engine, row.from)) {
        for (const to of endsOf(engine, row.to)) {
          const shared = familiesOf(row).filter((family) => hasFamily(from, family) && hasFamily(to, family));
          if (shared.length === 0) expect(row.ports).toEqual([]);
          for (const family of shared) {
            expect({ ...row, ports: portSetTokens(engine.ports(from, to, family)) }).toEqual(row);
          }
        }
      }
    }
  });
});

describeKernel("packets do as every example's expected table says", () => {
  it.each(folders)("%s", async (folder) => {
    const table = tableOf(folder);
    const engine = await engineOf(folder);
    const probes = await measure([`${ROOT}${folder}`], table.externals);
    expect(probes.length).toBeGreaterThan(0);
    expect(differing(probes)).toEqual([]);
    for (const probe of probes) {
      expect({ ...probe, measured: expectedOf(engine, table, probe) }).toEqual(probe);
    }

    const policies = engine.cluster.networkPolicies;
    if (policies.length === 0) return;
    const open = await measure([`${ROOT}${folder}/pods.yaml`], table.externals);
    expect(differing(open)).toEqual([]);
    expect(open.every((probe) => probe.measured === "allow")).toBe(true);
    if (table.rows.some((row) => row.ports[0] !== "all")) {
      expect(probes.some((probe) => probe.measured === "deny")).toBe(true);
    }
  });

  it.each(folders)("%s, its pods spread over three nodes", async (folder) => {
    const { externals } = tableOf(folder);
    const [one, three] = await Promise.all(
      ["1", "3"].map((nodes) => measure([`${ROOT}${folder}`], externals, undefined, ["--nodes", nodes])),
    );
    expect(differing(three!)).toEqual([]);
    expect(new Set(three!.map(({ address }) => address.includes(":")))).toEqual(
      new Set(one!.map(({ address }) => address.includes(":"))),
    );
    // Pods have the same addresses on any number of nodes; those on the network of a node have that node's.
    const engine = await engineOf(folder);
    const hosts = new Set(engine.cluster.pods.filter((pod) => pod.hostNetwork).map((pod) => pod.id));
    const sent = (probes: readonly Probe[]): string[] =>
      probes
        .filter(({ from, to }) => !hosts.has(from) && !hosts.has(to))
        .map((probe) => JSON.stringify(probe));
    expect(sent(three!)).toEqual(sent(one!));
  });

  it.each(["shop", "ports", "egress", "dual-stack", "recipes/13-deny-egress-but-dns"])(
    "examples/%s, with rules that reject",
    async (name) => {
      const { externals } = tableOf(`examples/${name}`);
      const paths = [`${ROOT}examples/${name}`];
      const [dropped, rejected] = await Promise.all(
        ["drop", "reject"].map((deny) => measure(paths, externals, undefined, ["--deny", deny])),
      );
      expect(differing(rejected!)).toEqual([]);
      // All but TCP to where nobody listens, which is what is left out.
      const listed = new Set(rejected!.map((probe) => JSON.stringify(probe)));
      const missing = dropped!.filter((probe) => !listed.has(JSON.stringify(probe)));
      expect(missing.length).toBe(dropped!.length - rejected!.length);
      expect(new Set(missing.map(({ protocol }) => protocol))).toEqual(new Set(["TCP"]));
      expect(rejected!.some(({ protocol, measured }) => protocol === "TCP" && measured === "deny")).toBe(
        true,
      );
    },
  );

  it("or and and measurably differ", async () => {
    const [or, and] = await Promise.all(
      ["examples/or", "examples/and"].map((folder) => measure([`${ROOT}${folder}`], [])),
    );
    const passed = (probes: readonly Probe[]): string[] =>
      probes
        .filter((probe) => probe.measured === "allow")
        .map((probe) => JSON.stringify(probe))
        .sort();
    expect(passed(or!)).not.toEqual(passed(and!));
    expect(passed(or!).length).toBeGreaterThan(passed(and!).length);
  });
});

/** What the table says of a probe's packet. */
function expectedOf(engine: Engine, table: ExpectedTable, probe: Probe): "allow" | "deny" {
  const nameOf = (id: string): string => {
    const workload = engine.cluster.workloads.find((each) => each.pods.some((pod) => pod.id === id));
    return workload === undefined ? id : `${workload.namespace}/${workload.name}`;
  };
  const family = probe.address.includes(":") ? "IPv6" : "IPv4";
  const row = table.rows.find(
    (each) =>
      each.from === nameOf(probe.from) &&
      each.to === nameOf(probe.to) &&
      (each.family === undefined || each.family === family),
  );
  const ports = row === undefined ? NO_PORTS : portSetFromTokens(row.ports);
  const passes =
    probe.protocol === "ICMP"
      ? portSetHas(ports, { protocol: "other" })
      : portSetHas(ports, { protocol: probe.protocol, port: probe.port! });
  return passes ? "allow" : "deny";
}
