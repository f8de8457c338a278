import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseExpectedTable } from "./expected-table.ts";

// The folders are read as plain YAML, sharing nothing with the parser that they are to judge.
const MANIFEST = /\.(ya?ml|json)$/;
const WORKLOAD_KINDS = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];

const EXAMPLES: string = fileURLToPath(new URL("../../examples", import.meta.url));

/** Every folder below `examples/` that holds manifests, relative to it, with slashes, in order. */
function exampleFolders(): string[] {
  const files = readdirSync(EXAMPLES, { recursive: true, withFileTypes: true });
  const folders = files
    .filter((file) => file.isFile() && MANIFEST.test(file.name))
    .map((file) => file.parentPath);
  return [...new Set(folders)].map((folder) => relative(EXAMPLES, folder).replaceAll("\\", "/")).sort();
}

/** File name and text of each manifest of an example folder. */
function manifestsOf(folder: string): { name: string; text: string }[] {
  const names = readdirSync(join(EXAMPLES, folder)).filter((name) => MANIFEST.test(name));
  return names.sort().map((name) => ({ name, text: readFileSync(join(EXAMPLES, folder, name), "utf8") }));
}

/** `namespace/name` of every object in the folder that is a pod or makes pods. Throws on YAML errors. */
function workloadsOf(folder: string): string[] {
  const workloads: string[] = [];
  for (const { name, text } of manifestsOf(folder)) {
    for (const document of parseAllDocuments(text)) {
      if (document.errors.length > 0) throw new Error(`${folder}/${name}: ${document.errors[0]?.message}`);
      const object = document.toJS() as { kind: string; metadata: { namespace?: string; name: string } };
      if (!WORKLOAD_KINDS.includes(object.kind)) continue;
      workloads.push(`${object.metadata.namespace ?? "default"}/${object.metadata.name}`);
    }
  }
  return workloads;
}

const folders = exampleFolders();

describe.each(folders)("examples/%s", (folder) => {
  it("covers every ordered pair of ends exactly once", () => {
    const { externals, rows } = parseExpectedTable(
      readFileSync(join(EXAMPLES, folder, "expected.txt"), "utf8"),
    );
    const ends = [...workloadsOf(folder), ...externals];
    const wanted = ends.flatMap((from) =>
      ends
        .filter((to) => to !== from && !(externals.includes(from) && externals.includes(to)))
        .map((to) => `${from} ${to}`),
    );
    // A pair that differs by family has two rows, one for each; the parser refuses any other repetition.
    const pairs = rows.filter((row) => row.family !== "IPv6").map((row) => `${row.from} ${row.to}`);
    expect(pairs.sort()).toEqual(wanted.sort());
    const ofFamily = (family: string): string[] =>
      rows.filter((row) => row.family === family).map((row) => `${row.from} ${row.to}`);
    expect(ofFamily("IPv6")).toEqual(ofFamily("IPv4"));
  });

  it("begins every manifest with a comment that says what people get wrong", () => {
    for (const { name, text } of manifestsOf(folder)) {
      const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? "";
      expect(comment, name).toContain("What people get wrong:");
    }
  });

  it("has between two and five workloads, so that the lab can probe every pair", () => {
    const count = workloadsOf(folder).length;
    expect(count).toBeGreaterThanOrEqual(2);
    expect(count).toBeLessThanOrEqual(5);
  });
});

describe("examples/README.md", () => {
  it("lists every example folder once, and no other", () => {
    const text = readFileSync(join(EXAMPLES, "README.md"), "utf8");
    const listed = [...text.matchAll(/^\| \[([^\]]+)\]\(([^)]+)\/\) \|/gm)];
    expect(listed.map((entry) => entry[1]).sort()).toEqual(folders);
    expect(listed.map((entry) => entry[2])).toEqual(listed.map((entry) => entry[1]));
  });
});

const HEADER = "FROM TO PORTS";

describe("parseExpectedTable", () => {
  it("reads externals, rows and families, past comments and blank lines", () => {
    const text = `# what it is
externals: 192.168.5.10 2001:db8::7

FROM      TO            PORTS
a/x       a/y           none        IPv4
a/x       a/y           TCP/5432    IPv6

a/x       192.168.5.10  TCP/80,UDP/53,SCTP/1-65535,other
2001:db8::7  a/x        all
`;
    expect(parseExpectedTable(text)).toEqual({
      externals: ["192.168.5.10", "2001:db8::7"],
      rows: [
        { from: "a/x", to: "a/y", ports: [], family: "IPv4" },
        { from: "a/x", to: "a/y", ports: ["TCP/5432"], family: "IPv6" },
        { from: "a/x", to: "192.168.5.10", ports: ["TCP/80", "UDP/53", "SCTP/1-65535", "other"] },
        { from: "2001:db8::7", to: "a/x", ports: ["all"] },
      ],
    });
  });

  it("has no externals where none are listed", () => {
    expect(parseExpectedTable(`${HEADER}\na/x a/y all`)).toEqual({
      externals: [],
      rows: [{ from: "a/x", to: "a/y", ports: ["all"] }],
    });
  });

  it.each([
    ["no header", "# nothing", /^line 1: .*header/],
    ["a row before the header", "a/x a/y all", /^line 1: wanted FROM TO PORTS/],
    ["a bad external", "externals: 10.0.0.0/8", /^line 1: 10\.0\.0\.0\/8/],
    ["an empty list of externals", "externals:\nFROM TO PORTS", /^line 1: nothing/],
    ["an external twice", "externals: 10.0.0.1 10.0.0.1", /^line 1: 10\.0\.0\.1 is listed twice/],
    ["externals below the header", `${HEADER}\nexternals: 10.0.0.1`, /^line 2: .*externals/],
    ["a missing column", `${HEADER}\na/x a/y`, /^line 2: wanted/],
    ["a fifth column", `${HEADER}\na/x a/y all IPv4 x`, /^line 2: wanted/],
    ["an unlisted external", `${HEADER}\n10.0.0.1 a/y all`, /^line 2: 10\.0\.0\.1 is neither/],
    ["an end without a namespace", `${HEADER}\nx a/y all`, /^line 2: x is neither/],
    ["a row to itself", `${HEADER}\na/x a/x all`, /^line 2: a\/x to itself/],
    ["two externals", `externals: 10.0.0.1 10.0.0.2\n${HEADER}\n10.0.0.1 10.0.0.2 all`, /^line 3: both/],
    ["a pair twice", `${HEADER}\n\na/x a/y all\na/x a/y all`, /^line 4: .*already on line 3/],
    ["a pair with and without family", `${HEADER}\na/x a/y all\na/x a/y all IPv6`, /^line 3: .*already/],
    ["a family before none", `${HEADER}\na/x a/y all IPv6\na/x a/y all`, /^line 3: .*already/],
    ["an unknown family", `${HEADER}\na/x a/y all IPv5`, /^line 2: IPv5/],
    ["an unknown protocol", `${HEADER}\na/x a/y ICMP/1`, /^line 2: ICMP\/1/],
    ["a protocol without port", `${HEADER}\na/x a/y TCP`, /^line 2: TCP is not/],
    ["port 0", `${HEADER}\na/x a/y TCP/0`, /^line 2: TCP\/0/],
    ["port 65536", `${HEADER}\na/x a/y TCP/65536`, /^line 2: TCP\/65536/],
    ["a reversed range", `${HEADER}\na/x a/y TCP/90-80`, /^line 2: TCP\/90-80/],
    ["all among tokens", `${HEADER}\na/x a/y all,TCP/80`, /^line 2: all is not/],
    ["protocols out of order", `${HEADER}\na/x a/y UDP/53,TCP/53`, /^line 2: .*list TCP, UDP/],
    ["ports that touch", `${HEADER}\na/x a/y TCP/80,TCP/81`, /^line 2: .*merged/],
    ["other twice", `${HEADER}\na/x a/y other,other`, /^line 2: .*merged/],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseExpectedTable(text)).toThrow(message);
  });
});
