import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, it } from "vitest";
import { NOT_PLAIN, readPlainYaml } from "./plain-yaml.ts";
import { plainYamlPositions } from "./plain-yaml-positions.ts";
import { yamlPositions } from "./yaml-positions.ts";

const PRINTED = `apiVersion: v1
items:
- metadata:
    annotations:
      note: |
        one - two
          - three
      stripped: |-
        a: b
    labels:
      "on": 'it''s'
      k:{"type":"Ready"}: a:b
    managedFields: []
  spec: {}

  ports:
  - 80
  - -1
  -   name: x-y
      z: "a\\"b - c"
  - - a
    - |
      deep
    - - b
- null
- ~
status:
dashed-key:
- {}
yes: 0777
`;

describe("plainYamlPositions", () => {
  it.each([
    ["what kubectl prints", PRINTED],
    ["after a mark", `---\n${PRINTED}`],
    ["without a last line end", "a:\n- b: 1\n  c: 2"],
    ["a list", "- a: 1\n- b\n"],
    ["a literal at the end", "a: |\n  b\n"],
    ["a field without a value at the end", "a:\n  b:"],
  ])("finds all where the full parser finds it: %s", (_, text) => {
    expect(readPlainYaml(text)).not.toBe(NOT_PLAIN);
    expect(plainYamlPositions(text)).toEqual(yamlPositions(text, 0));
  });

  it("agrees with the full parser on whatever is printed", () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom("a-b", "- x", "k: v", "a\nb\n", "a\n  b", "{}", "[x", "#", "it's", '"'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        scalar,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("a", "b-c", "x/y", "on")), tie("value"), {
          maxKeys: 3,
        }),
      ),
    }));
    let compared = 0;
    fc.assert(
      fc.property(value, fc.boolean(), (printed, isIndented) => {
        const text = dump(printed, { seqNoIndent: !isIndented });
        if (readPlainYaml(text) === NOT_PLAIN) return;
        compared++;
        expect(plainYamlPositions(text)).toEqual(yamlPositions(text, 0));
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
