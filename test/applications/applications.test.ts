import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { type Family, parseAddress } from "../../src/net/address.ts";
import { parseCidr } from "../../src/net/cidr.ts";
import { portSetTokens } from "../../src/net/port-set.ts";
import { loadCluster } from "../../src/source/load-cluster.ts";
import { ROOT } from "../cli/run-podwall.ts";
import { type ExpectedTable, parseExpectedTable } from "../examples/expected-table.ts";
import { applicationFolder, applicationNames, applicationText, parsePlanted } from "./application.ts";

interface NamedEnd {
  readonly name: string;
  readonly ends: readonly End[];
}

/** The workloads of the pod network, and the addresses that the table names. */
function endsOf({ cluster }: Engine, { externals }: ExpectedTable): NamedEnd[] {
  const workloads = cluster.workloads
    .filter(({ pods }) => pods.some((pod) => !pod.hostNetwork))
    .map(({ namespace, name, pods }) => ({
      name: `${namespace}/${name}`,
      ends: pods.map((pod): End => ({ kind: "pod", pod })),
    }));
  const addresses = externals.map((name) => ({
    name,
    ends: [{ kind: "address", address: parseAddress(name)! } satisfies End],
  }));
  return [...workloads, ...addresses];
}

function hasFamily(end: End, family: Family): boolean {
  return end.kind === "pod" ? end.pod.addresses[family] !== undefined : end.address.family === family;
}

/**
 * What the engine lets pass, as rows of a table: `from to ports`, with the family where the families differ. Where the pods
 * of a workload differ there is a row for each verdict, which no table has.
 */
function measuredRows(engine: Engine, table: ExpectedTable): string[] {
  const ends = endsOf(engine, table);
  const rows: string[] = [];
  for (const from of ends) {
    for (const to of ends) {
      if (from === to || (table.externals.includes(from.name) && table.externals.includes(to.name))) continue;
      const [ipv4, ipv6] = ([4, 6] as const).map((family) => verdicts(engine, from, to, family));
      const row = (ports: string, family = ""): string => `${from.name} ${to.name} ${ports}${family}`;
      if (ipv6?.length === 0 || ipv4?.join() === ipv6?.join()) rows.push(...ipv4!.map((ports) => row(ports)));
      else if (ipv4?.length === 0) rows.push(...ipv6!.map((ports) => row(ports)));
      else {
        rows.push(...ipv4!.map((ports) => row(ports, " IPv4")), ...ipv6!.map((ports) => row(ports, " IPv6")));
      }
    }
  }
  return rows.filter((row) => !/ none( IPv[46])?$/.test(row)).sort();
}

/** What may pass from any of the ends to any of the others in a family; several texts if they differ, none if no pair has it. */
function verdicts(engine: Engine, from: NamedEnd, to: NamedEnd, family: Family): string[] {
  const found = new Set<string>();
  for (const source of from.ends) {
    for (const target of to.ends) {
      if (!hasFamily(source, family) || !hasFamily(target, family)) continue;
      found.add(portSetTokens(engine.ports(source, target, family)).join(",") || "none");
    }
  }
  // Some pods, but not all of them, may connect: say so, or the row would look like a whole one.
  return found.size > 1 ? [...found].map((ports) => `${ports} of some pods`) : [...found];
}

function expectedRows({ rows }: ExpectedTable): string[] {
  return rows
    .filter(({ ports }) => ports.length > 0)
    .map(
      ({ from, to, ports, family }) =>
        `${from} ${to} ${ports.join(",")}${family === undefined ? "" : ` ${family}`}`,
    )
    .sort();
}

const names = applicationNames();

describe.each(names)("test/applications/%s", (name) => {
  const planted = parsePlanted(applicationText(name, "planted.txt"));
  const folder = applicationFolder(name);

  it("has every planted mistake at a line that exists", () => {
    for (const { file, line } of planted) {
      const text = applicationText(name, file).split("\n")[line - 1];
      expect(text?.trim(), `${file}:${line}`).toBeTruthy();
    }
  });

  it("is read without a finding except at planted mistakes", async () => {
    const { findings } = await loadCluster([folder], {});
    const places = planted.map(({ file, line }) => `${folder}/${file}:${line}`);
    // That a policy cannot be read follows from another mistake in its text, and is said of its first line.
    const broken = planted.map(({ file }) => `${folder}/${file}`);
    const others = findings
      .filter(({ code, position }) => code !== "policy-unreadable" || !broken.includes(position.file))
      .map(({ position, code }) => ({ place: `${position.file}:${position.line}`, code }))
      .filter(({ place }) => !places.includes(place));
    expect(others).toEqual([]);
  });

  it("is as large as a real one", async () => {
    const { cluster } = await loadCluster([folder], {});
    expect(cluster.workloads.length).toBeGreaterThanOrEqual(10);
    expect(cluster.networkPolicies.length + cluster.clusterPolicies.length).toBeGreaterThanOrEqual(8);
  });

  const hasTable = existsSync(`${folder}/expected.txt`);

  it("has a table unless it holds errors, with which nothing is decided", async () => {
    const { findings } = await loadCluster([folder], {});
    expect(hasTable).toBe(findings.every(({ severity }) => severity !== "error"));
  });

  if (hasTable) {
    it("lets pass what expected.txt says, and nothing else", async () => {
      const table = parseExpectedTable(applicationText(name, "expected.txt"));
      // Pods would be given addresses of both families; most of these clusters have IPv4 alone.
      const isDualStack = table.externals.some((external) => external.includes(":"));
      const podCidrs = isDualStack ? {} : { podCidrs: [parseCidr("10.244.0.0/16")!.cidr] };
      const { cluster } = await loadCluster([folder], podCidrs);
      expect(measuredRows(createEngine(cluster), table)).toEqual(expectedRows(table));
    });
  }
});

describe("test/applications", () => {
  it("has applications without a mistake and with some, each listed in the README", () => {
    const clean = names.filter((name) => parsePlanted(applicationText(name, "planted.txt")).length === 0);
    expect(names.length).toBe(10);
    expect(clean.length).toBe(4);
    const index = readFileSync(`${ROOT}test/applications/README.md`, "utf8");
    expect([...index.matchAll(/^\| \[([^\]]+)\]\(\1\/\) \|/gm)].map((match) => match[1]).sort()).toEqual(
      names,
    );
  });
});

describe("parsePlanted", () => {
  it("reads mistakes, past comments and blank lines", () => {
    expect(parsePlanted("# what\n\na/b.yaml:12  the api cannot resolve names\nalso c.yaml:3  it\n")).toEqual([
      { file: "a/b.yaml", line: 12, words: "the api cannot resolve names", follows: false },
      { file: "c.yaml", line: 3, words: "it", follows: true },
    ]);
    expect(parsePlanted("none\n")).toEqual([]);
  });

  it.each(["", "# only a comment", "a.yaml 12 words", "a.yaml:0 words", "a.yaml:3", "none\na.yaml:1 words"])(
    "refuses %j",
    (text) => expect(() => parsePlanted(text)).toThrow(/^line \d+: /),
  );
});
