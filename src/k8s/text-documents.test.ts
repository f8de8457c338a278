import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseOther, stringify } from "yaml";
import type { FieldPath } from "./location.ts";
import { readDocuments, type TextDocument } from "./text-documents.ts";
import { UNREADABLE } from "./text-problem.ts";
import { MAX_ALIASED_VALUES } from "./yaml-value.ts";

function read(text: string, file = "f.yaml"): { documents: TextDocument[]; codes: string[] } {
  const documents: TextDocument[] = [];
  const findings = readDocuments(file, text, (document) => documents.push(document));
  return {
    documents,
    codes: findings.map(({ code, position }) => `${position.line}:${position.column} ${code}`),
  };
}

function values(text: string, file?: string): unknown[] {
  return read(text, file).documents.map(({ value }) => value);
}

function place(text: string, path: FieldPath, part?: "key" | "value"): string {
  const { line, column } = read(text).documents[0]!.origin.position(path, part);
  return `${line}:${column}`;
}

describe("documents", () => {
  it("reads several, without the empty ones", () => {
    expect(values("---\na: 1\n---\n# nothing\n---\n\n---\nb: 2\n...\n---\nc: 3")).toEqual([
      { a: 1 },
      { b: 2 },
      { c: 3 },
    ]);
  });

  it("keeps the good ones beside a broken one, and reports every broken one", () => {
    const text = "a: 1\n---\nb: [\n---\nc: 3\n---\n\td: 1\n";
    expect(values(text)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(read(text).codes).toHaveLength(2);
  });

  it("understands directives, a byte order mark, CRLF and dashes in text", () => {
    expect(values("\ufeff%YAML 1.1\n---\na: 1\r\nb: |\r\n  x\r\n  --- y\r\nc: a---\r\n")).toEqual([
      { a: 1, b: "x\n--- y\n", c: "a---" },
    ]);
  });

  it("reads anchors, aliases and merges", () => {
    const text = "a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\nc: {<<: [{x: 5}, *a]}\nd: *a\ne: {'<<': 1}\n";
    expect(values(text)).toEqual([
      { a: { x: 1, z: 2 }, b: { x: 1, z: 3 }, c: { x: 5, z: 2 }, d: { x: 1, z: 2 }, e: { "<<": 1 } },
    ]);
  });

  it("reads tags", () => {
    const text =
      "a: !!str 8080\nb: !!int '0x10'\nc: !own x\nd: !!float 1\ne: !!binary aGk=\nf: ! 12\ng: !!null ''\n";
    expect(values(text)).toEqual([{ a: "8080", b: 16, c: "x", d: 1, e: "hi", f: "12", g: null }]);
  });

  it("makes keys text as kubectl does", () => {
    expect(values("yes: 1\n0x10: 2\n'on': 3\n")).toEqual([{ true: 1, 16: 2, on: 3 }]);
  });

  it("takes __proto__ and constructor for keys like others", () => {
    const [value] = values("__proto__: 1\nconstructor: 2\ntoString: 3\n");
    expect(Object.entries(value as object)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
  });

  it("marks what is there twice, in YAML and in JSON", () => {
    expect(values("a: 1\nb: {c: 1, c: 2}\n")).toEqual([{ a: 1, b: { c: UNREADABLE } }]);
    expect(values('{"a": 1, "b": [{"c": 1, "c": {"d": 1}}]}')).toEqual([{ a: 1, b: [{ c: UNREADABLE }] }]);
  });

  it("refuses the billion laughs", () => {
    let text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (let i = 1; i < 12; i++) {
      const alias = `*a${i - 1}`;
      text += `a${i}: &a${i} [${new Array(10).fill(alias).join(", ")}]\n`;
    }
    expect(MAX_ALIASED_VALUES).toBeLessThan(10 ** 7);
    expect(read(text).codes.every((code) => code.endsWith("yaml-aliases"))).toBe(true);
    expect(read(text).codes.length).toBeGreaterThan(0);
  });

  it("survives deep nesting", () => {
    expect(read("[".repeat(100_000)).codes).toHaveLength(1);
    expect(read(`a: ${"[".repeat(100_000)}`).codes).toHaveLength(1);
    const deep = `{"a": 1, "a": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    expect(read(deep, "f.json").codes.length).toBeGreaterThan(0);
  });

  it("reads JSON, several values in a row, and YAML that begins with a brace", () => {
    expect(values('{"a": "b\\n"}')).toEqual([{ a: "b\n" }]);
    expect(values('{"a": 1}\n{"b": 2} [3]')).toEqual([{ a: 1 }, { b: 2 }, [3]]);
    expect(values("{a: yes}\n---\nb: 1\n")).toEqual([{ a: true }, { b: 1 }]);
  });

  it("hands on whole values, also lists and what no reader of objects looks at", () => {
    const list = { kind: "List", apiVersion: "v1", items: [{ a: 1, args: ["x"], env: [{ name: "y" }] }] };
    expect(values(JSON.stringify(list))).toEqual([list]);
    expect(values(stringify({ ...list, filler: "x".repeat(100_000) }))).toHaveLength(1);
  });

  it("keeps the values before broken JSON", () => {
    expect(values('{"a": 1}\n{"b": }', "f.json")).toEqual([{ a: 1 }]);
    expect(read('{"a": 1}\n{"b": }', "f.json").codes).toEqual(["2:7 json-syntax"]);
  });
});

describe("positions", () => {
  const text =
    "a: &x {b: \"q\", 'c': [1, 2]}\r\nd:\r\n  - e: 1\r\n    f:\r\n  -\r\n  # - no\r\n  - *x\r\n  - - y\r\n    - z\r\ng:\r\n  <<: *x\r\n  h: 1\r\n";

  it.each<[FieldPath, string, string]>([
    [["a"], "1:7", "1:1"],
    [["a", "b"], "1:11", "1:8"],
    [["a", "c"], "1:21", "1:16"],
    [["a", "c", 1], "1:25", "1:25"],
    [["d"], "3:3", "2:1"],
    [["d", 0], "3:5", "3:3"],
    [["d", 0, "e"], "3:8", "3:5"],
    [["d", 0, "f"], "4:5", "4:5"],
    [["d", 1], "5:3", "5:3"],
    [["d", 2], "7:5", "7:3"],
    [["d", 2, "b"], "1:11", "1:8"],
    [["d", 3], "8:5", "8:3"],
    [["d", 3, 1], "9:7", "9:5"],
    [["g", "c", 0], "1:22", "1:22"],
    [["g", "h"], "12:6", "12:3"],
    [["g", "missing"], "10:1", "10:1"],
    [["d", 9, "deep"], "2:1", "2:1"],
    [["missing"], "1:1", "1:1"],
    [[], "1:1", "1:1"],
  ])("%j is at %s, its key at %s", (path, value, key) => {
    expect(place(text, path)).toBe(value);
    expect(place(text, path, "key")).toBe(key);
  });

  it("finds places in JSON", () => {
    const json = '{\n\t"a": [1, {"b": "c"}],\n\t"d\\u0041": true}';
    expect(place(json, ["a", 1, "b"])).toBe("2:17");
    expect(place(json, ["a", 1, "b"], "key")).toBe("2:12");
    expect(place(json, ["dA"])).toBe("3:13");
  });

  it("counts lines over all documents", () => {
    const { documents } = read("a: 1\n---\n\n---\nb:\n  c: 1\n");
    expect(documents[1]!.origin.position(["b", "c"])).toEqual({ file: "f.yaml", line: 6, column: 6 });
  });

  it("knows how a scalar is written", () => {
    const { origin } = read("a: {b: 0777, c: 'x'}\nd: yes # really\n").documents[0]!;
    expect([["a", "b"], ["d"], ["a", "c"], ["a"], ["z"]].map((path) => origin.text?.(path))).toEqual([
      "0777",
      "yes",
      undefined,
      undefined,
      undefined,
    ]);
  });
});

const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom("yes", "1", "a b", "- x", "#"),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("multi\nline\n", "yes", "0777", "~", "---", "- a", "a: b", "# c", "x\n---\ny"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const mapping = fc.dictionary(key, json, { minKeys: 1, maxKeys: 5, noNullPrototype: true });
const printable = (value: unknown): boolean =>
  !/[\ud800-\udfff]|\\u00[0189]|__proto__/.test(JSON.stringify(value)) &&
  // Go's strconv, which kubectl's reader asks, takes 0X1F and +_1 for numbers; the yaml package leaves them unquoted.
  !/"[-+]?(0[XBO]|_)/.test(JSON.stringify(value));

/** Every path into a value, with what is there. */
function* paths(value: unknown, path: FieldPath = []): Generator<[FieldPath, unknown]> {
  yield [path, value];
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* paths(item, [...path, i]);
  else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* paths(item, [...path, name]);
  }
}

describe("generated documents", () => {
  const layouts = fc.record({
    version: fc.constant("1.1" as const),
    collectionStyle: fc.constantFrom("any" as const, "flow" as const),
    indentSeq: fc.boolean(),
    indent: fc.integer({ min: 2, max: 5 }),
    aliasDuplicateObjects: fc.constant(false),
  });

  it("reads back what the yaml package writes, as that package does", () => {
    fc.assert(
      fc.property(mapping.filter(printable), layouts, (value, layout) => {
        const text = stringify(value, layout);
        expect(values(text)).toEqual([value]);
        expect(parseOther(text, { version: "1.1" })).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it("finds every value where it is written, in YAML and in JSON", () => {
    fc.assert(
      fc.property(mapping.filter(printable), layouts, fc.boolean(), (value, layout, asJson) => {
        const text = asJson ? JSON.stringify(value, null, 1) : stringify(value, layout);
        const lines = text.split("\n");
        const { origin } = read(text).documents[0]!;
        let last = 0;
        for (const [path, there] of paths(value)) {
          const { line, column } = origin.position(path);
          const rest = lines
            .slice(line - 1)
            .join("\n")
            .slice(column - 1);
          const offset = lines.slice(0, line - 1).join("\n").length + column;
          expect(offset).toBeGreaterThanOrEqual(last);
          last = offset;
          if (typeof there === "number" || typeof there === "boolean") {
            expect(rest.startsWith(String(there))).toBe(true);
            expect(origin.text?.(path)).toBe(String(there));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("reads numbers, booleans and null as the yaml package does where YAML 1.1 and Go agree", () => {
    const scalar = fc.constantFrom(
      "yes",
      "No",
      "on",
      "OFF",
      "true",
      "0x1F",
      "017",
      "1_000",
      "-5",
      "1.5",
      "~",
      "null",
      ".5",
      "x",
      "1.2.3",
      "1e",
      "0o",
    );
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1 }), (scalars) => {
        const text = scalars.map((word) => `- ${word}\n`).join("");
        expect(values(text)).toEqual([parseOther(text, { version: "1.1" })]);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    const bits = fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "\t",
      "- ",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "#",
      "&a",
      "*a",
      "<<: ",
      "|",
      "---\n",
      "!!int ",
      "\r\n",
      ",",
      "?",
      "%",
      "kind: NetworkPolicy",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 25 }), (parts) => {
        for (const { value, origin } of read(parts.join("")).documents) {
          for (const [path] of paths(value)) origin.position(path);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
