// Lists of objects that are read item by item: the same must come out as from reading them at once.
import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";
import { LONGEST_STRING, stringText } from "./source-text.ts";
import { readDocuments } from "./text-documents.ts";
import { fitsString, newTextReader } from "./text-reader.ts";

/** Lines of a pod as an item of a YAML list, with `extra` lines in its labels. */
function podLines(name: string, extra = ""): string {
  return `- apiVersion: v1
  kind: Pod
  metadata:
    labels:
      app: web
${extra}    name: ${name}
    namespace: shop
  spec:
    containers:
    - name: main
      ports:
      - containerPort: 80
`;
}

const HEAD = "apiVersion: v1\nitems:\n";
const TAIL = 'kind: List\nmetadata:\n  resourceVersion: ""\n';
const COUNT = 1000;

function yamlList(change: (item: string, index: number) => string = (item) => item, tail = TAIL): string {
  const items = Array.from({ length: COUNT }, (_, i) => change(podLines(`pod-${i}`), i));
  return `${HEAD}${items.join("")}${tail}`;
}

function parse(text: string | Uint8Array, file = "f"): ReturnType<typeof parseManifests> {
  return parseManifests([{ file, text }]);
}

function places(text: string, file?: string): string[] {
  const ofString = parse(text, file);
  const ofBytes = parse(new TextEncoder().encode(text), file);
  expect(ofBytes.findings).toEqual(ofString.findings);
  expect(ofBytes.objects.map(({ name }) => name)).toEqual(ofString.objects.map(({ name }) => name));
  return ofString.findings.map(({ code, position }) => `${position.line}:${position.column} ${code}`);
}

/** Expects one finding, where the text is marked with §. */
function expectMarked(marked: string, code: string, file?: string): void {
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const place = `${before.length}:${before.at(-1)!.length + 1}`;
  expect(places(marked.replace("§", ""), file)).toEqual([`${place} ${code}`]);
}

/** How many documents are handed on: one for each item if the list is read item by item. */
function documents(text: string): number {
  let count = 0;
  readDocuments("f", text, {
    document: () => count++,
    mark() {
      const before = count;
      return () => {
        count = before;
      };
    },
  });
  return count;
}

describe("a large YAML list", () => {
  it("is read item by item", () => {
    const text = yamlList();
    expect(documents(text)).toBe(COUNT);
    const { objects, findings } = parse(text);
    expect(findings).toEqual([]);
    expect(objects.map(({ name }) => name)).toEqual(Array.from({ length: COUNT }, (_, i) => `pod-${i}`));
    expect(objects[2]?.origin.position(["metadata", "name"])).toEqual({ file: "f", line: 32, column: 11 });
    expect(objects[2]?.origin.position([])).toEqual({ file: "f", line: 27, column: 3 });
    // What is missing is missing at the dash.
    expect(objects[2]?.origin.position(["status"])).toEqual({ file: "f", line: 27, column: 1 });
  });

  it("is read so with its items indented, comments, CRLF in one, a type of its own, and a document before it", () => {
    const indented = yamlList((item) => item.replace(/^/gm, "  ").slice(0, -2)).replace(
      "kind: List",
      "kind: PodList",
    );
    const text = `---\n${indented.replaceAll("  kind: Pod\n", "  # a pod\n")}---\na: 1\n`;
    expect(documents(text)).toBe(COUNT + 1);
    expect(parse(text).objects).toHaveLength(COUNT);
    expect(documents(yamlList((item, i) => (i === 3 ? item.replaceAll("\n", "\r\n") : item)))).toBe(COUNT);
  });

  it.each([
    ["a label that is no text", "app: web", "app: §yes", "label-not-string"],
    ["a wrong port", "80", "§80000", "bad-port"],
    ["an unknown field, in a language of its own", "  spec:", '  §"é😀": 1\n  spec:', "unknown-field"],
    ["a label after other than ASCII", "app: web", "app: web # é😀\n      b: §5", "label-not-string"],
  ])("gives the place of %s", (_name, from, to, code) => {
    const marked = yamlList((item, i) => (i === 3 ? item.replace(from, to) : item));
    expect(documents(marked.replace("§", ""))).toBe(COUNT);
    expectMarked(marked, code);
  });

  it.each([
    ["a doubled key", (item: string) => item.replace("app: web", "app: web\n      app: api")],
    ["an unknown alias", (item: string) => item.replace("app: web", "app: *web")],
    ["an open quote", (item: string) => item.replace("app: web", 'app: "web')],
  ])("is read at once if there is %s in it, as nothing else is sure", (_name, change) => {
    const text = yamlList((item, i) => (i === 700 ? change(item) : item));
    expect(documents(text)).toBeLessThanOrEqual(1);
    expect(parse(text).findings.length).toBeGreaterThan(0);
  });

  it("is read at once if an anchor of one item is used in another", () => {
    const text = yamlList((item, i) =>
      i === 1
        ? item.replace("app: web", "app: &x web")
        : i === 9
          ? item.replace("app: web", "app: *x")
          : item,
    );
    expect(documents(text)).toBe(1);
    expect(parse(text)).toMatchObject({ findings: [], objects: { length: COUNT } });
  });

  it("is no list if it says so at the end", () => {
    const text = yamlList(undefined, "kind: Basket\n");
    expect(documents(text)).toBe(1);
    expect([...parse(text).skipped]).toEqual([["Basket", 1]]);
  });

  it("does not take a text in quotes for items", () => {
    const text = `kind: List\nnote: "\n items:\n${podLines("a").repeat(600)}"\n`;
    expect(documents(text)).toBeLessThanOrEqual(1);
    expect(parse(text).objects).toEqual([]);
  });
});

describe("a JSON list", () => {
  const pod = (name: string, extra = ""): string =>
    `{"apiVersion": "v1", "kind": "Pod",\n "metadata": {"name": "${name}"${extra}}}`;

  it("is read item by item, wherever its kind is written", () => {
    const text = `{"items": [${pod("a")}, ${pod("b")}],\n "kind": "List", "apiVersion": "v1"}`;
    expect(documents(text)).toBe(2);
    const { objects } = parse(text);
    expect(objects.map(({ origin }) => origin.position(["metadata", "name"]).column)).toEqual([23, 23]);
    expect(objects.map(({ origin }) => origin.position([]))).toEqual([
      { file: "f", line: 1, column: 12 },
      { file: "f", line: 2, column: 30 },
    ]);
  });

  it("gives its items their type", () => {
    const text = '{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "a"}}]}';
    expect(parse(text).objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["Pod a"]);
  });

  it.each([
    ["a doubled label", ', "labels": {"a": "x", §"a": "y"}', "duplicate-key"],
    ["a doubled key that nobody reads", ', "managedFields": [{"a": 1, §"a": 2}]', "duplicate-key"],
    ["a field after other than ASCII", ', "annotations": {"a": "é😀"}, §"label": {}', "unknown-field"],
  ])("gives the place of %s", (_name, extra, code) => {
    expectMarked(`{"kind": "List", "items": [${pod("a")}, ${pod("b", extra)}]}`, code);
  });

  it("that is cut off says where it was opened, and nothing of it is used", () => {
    const text = `{"kind": "List",\n "items": [${pod("a")},\n${pod("b").replace('{"name', '§{"name').slice(0, -2)}`;
    expectMarked(text, "json-syntax", "f.json");
    expect(parse(text.replace("§", ""), "f.json").objects).toEqual([]);
  });

  it("says that a policy is lost in an item that cannot be told to be one", () => {
    const text = `{"kind": "List", "items": [${pod("a")},\n{"kind": "NetworkPolicy", "kind": "Pod"}]}`;
    expect(places(text)).toEqual(["3:2 policy-unreadable", "3:27 duplicate-key"]);
    expect(parse(text).objects).toHaveLength(1);
  });
});

describe("a part that is longer than a string can be", () => {
  it("is reported at its beginning", () => {
    const reader = newTextReader("f", stringText("a: 1\nb: 2\n"), () => {});
    expect(fitsString(reader, { start: 5, end: 5 + LONGEST_STRING })).toBe(true);
    expect(fitsString(reader, { start: 5, end: 6 + LONGEST_STRING })).toBe(false);
    expect(reader.findings).toMatchObject([
      { code: "too-large", position: { file: "f", line: 2, column: 1 } },
    ]);
  });
});
