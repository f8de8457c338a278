import fc from "fast-check";
import { parseEvents } from "js-yaml";
import { describe, expect, it } from "vitest";
import { NOT_PLAIN, readPlainYaml } from "./plain-yaml.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";
import { yamlValues } from "./yaml-value.ts";

const PRINTED = `apiVersion: v1
items:
- metadata:
    annotations:
      note: |
        one
          two
      stripped: |-
        three
    labels:
      app: web
      "on": 'it''s'
      version: "1.0"
      k:{"type":"Ready"}: a:b
    managedFields: []
  spec: {}

  ports:
  - 80
  - -1
  -   name: x
      z: "a\\"b\\n"
  - - a
    - b
- null
status:
yes: 0777
`;

describe("readPlainYaml", () => {
  it("reads what kubectl prints", () => {
    expect(readPlainYaml(PRINTED)).toEqual({
      apiVersion: "v1",
      items: [
        {
          metadata: {
            annotations: { note: "one\n  two\n", stripped: "three" },
            labels: { app: "web", on: "it's", version: "1.0", 'k:{"type":"Ready"}': "a:b" },
            managedFields: [],
          },
          spec: {},
          ports: [80, -1, { name: "x", z: 'a"b\n' }, ["a", "b"]],
        },
        null,
      ],
      status: null,
      true: 511,
    });
  });

  it.each([
    ["a key twice", "a: 1\nb: 2\na: 3\n"],
    ["a key that objects have anyway", "constructor: 1\n"],
    ["__proto__", "__proto__: 1\n"],
    ["an anchor", "a: &x 1\n"],
    ["an alias", "a: *x\n"],
    ["a tag", "a: !!str 1\n"],
    ["a merge", "<<: {}\n"],
    ["a flow mapping", "a: {b: 1}\n"],
    ["a comment", "a: 1 # b\n"],
    ["a line that goes on", "a: b\n  c\n"],
    ["a quote that goes on", 'a: "b\n  c"\n'],
    ["a second colon", "a: b: c\n"],
    ["a tab", "a:\tb\n"],
    ["a carriage return", "a: b\r\n"],
    ["other than ASCII", "a: ä\n"],
    ["a wrong indent", "a:\n    b: 1\n  c: 2\n"],
    ["a dash among keys", "a: 1\n- b\n"],
    ["a key among dashes", "- a\nb: 1\n"],
    ["a second document", "a: 1\n---\nb: 1\n"],
    ["a scalar", "a\n"],
    ["nothing", "\n"],
    ["an empty line in a literal", "a: |\n  b\n\n  c\n"],
    ["a folded scalar", "a: >\n  b\n"],
    ["a directive", "%YAML 1.1\n---\na: 1\n"],
    ["a key that is null", "~: 1\n"],
    ["a mark of a complex key", "? a\n: b\n"],
    ["a key that is too long", `${"k".repeat(1100)}: 1\n`],
    ["nesting without end", `${"- ".repeat(10_000)}a\n`],
  ])("gives up at %s", (_name, text) => {
    expect(readPlainYaml(text)).toBe(NOT_PLAIN);
  });

  const bits = [
    ...[
      '"',
      "'",
      "''",
      "{}",
      "[]",
      "[",
      "{",
      "}",
      "]",
      ":",
      ": ",
      " ",
      "  ",
      "\n",
      "- ",
      "-",
      "a",
      "1",
      ".",
      "#",
      " #",
    ],
    ...[
      "&a",
      "*a",
      "!",
      "|",
      "|-\n",
      "|\n    x\n",
      ">",
      "?",
      "~",
      "yes",
      "---",
      "...",
      "\t",
      "\r",
      "é",
      "a: b\n",
      "- c\n",
    ],
    ...["\\", "\\n", "%", "@", "`", "<<", "=", "key: value\n", "null", "0x1", "\u2028", "\u0085", "\ufeff"],
  ];

  it("returns what the full parser returns, or gives up", () => {
    let plain = 0;
    const line = fc.tuple(
      fc.constantFrom("", "", "  ", "    ", "- ", "  - ", "    - "),
      fc.constantFrom("a: ", "b:", "c: ", "'d': ", '"e": ', ""),
      fc.constantFrom("", "x", "1", '"y"', "'z'", "{}", "|\n      t", "v w", "yes"),
    );
    const lines = fc.array(
      line.map((parts) => parts.join("")),
      { minLength: 1, maxLength: 8 },
    );
    const texts = fc.oneof(
      lines.map((all) => `${all.join("\n")}\n`),
      fc.constant(PRINTED),
    );
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...bits)), { maxLength: 3 }),
        (text, edits) => {
          let edited = text;
          for (const [at, cut, insert] of edits) {
            const place = at % (edited.length + 1);
            edited = edited.slice(0, place) + insert + edited.slice(place + cut);
          }
          const value = readPlainYaml(edited);
          if (value === NOT_PLAIN) return;
          plain++;
          expect(yamlValues(edited, parseEvents(edited, YAML_PARSER_OPTIONS))).toEqual([
            { value, problems: [] },
          ]);
        },
      ),
      { numRuns: 1500 },
    );
    expect(plain).toBeGreaterThan(100);
  });
});
