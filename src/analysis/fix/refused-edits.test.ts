import { describe, expect, it } from "vitest";
import type { FieldEdit } from "../../k8s/fix.ts";
import {
  addField,
  edit,
  LIST,
  marked,
  merge,
  quote,
  removeDocument,
  removeField,
  rename,
  set,
  tabs,
  type Unplaced,
} from "./apply-edits.fixture.ts";
import { applyEdits } from "./apply-edits.ts";

describe("what is refused", () => {
  it.each<readonly [string, string, Unplaced<FieldEdit>, RegExp]>([
    ["a place where nothing begins", "abc: §  1\n", set(2), /begins at this place/],
    [
      "a place beyond the text",
      "a: 1\n",
      { kind: "set-value", value: 1, at: { file: "f", line: 9, column: 1 } } as never,
      /not in this text/,
    ],
    ["a text behind |", "a: §|\n  x\n", set("y"), /several lines/],
    ["a value with a tag", "a: !!str §80\n", set(80), /tag \(!!str\)/],
    ["an alias", "a: &x 1\nb: §*x\n", set(2), /\*x/],
    ["what an alias stands for", "a: &x 1\nb: *x\na2: &y {c: §1}\nb2: *y\n", set(2), /\*y/],
    ["a mapping with a merge", "a: &x {b: 1}\nc:\n  <<: *x\n  §b: 2\n", removeField, /<</],
    ["an anchor that is used later", "§a: &x 1\nb: *x\n", removeField, /\*x/],
    ["a field that is there", "§a: 1\nb: 2\n", addField("b", 3), /already/],
    ["a name that is taken", "§a: 1\nb: 2\n", rename("b"), /already/],
    ["the first item", "- §a: 1\n- b: 2\n", merge, /no item before/],
    ["items with the same field", "- a: 1\n- §a: 2\n", merge, /not mean/],
    ["items indented unlike", "-  a: 1\n- §b: 2\n", merge, /indented alike/],
    ["an item in braces", "- a: 1\n- §{b: 2}\n", merge, /braces/],
    ["a document that is no YAML", "a: [§1\n", set(2), /other faults first/],
    ["a quoted value", "a: §'1'\n", quote, /in quotes already/],
    [
      "a place in a List, outside of its objects",
      LIST.replace("kind: List", "kind: §List"),
      removeDocument,
      /none of its objects/,
    ],
    ["no tabs", "a: 1\n", tabs, /No document/],
    ["tabs of no certain width", "a:\n    b:\n        c: 0\n\td: 1\n", tabs, /choose by hand|cannot be read/],
  ])("%s", (_name, before, what, why) => {
    const result = edit(before, what);
    expect(result.text).toBe(marked(before).text);
    expect(result.refused[0]?.why).toMatch(why);
  });

  it("is the second of two edits of the same lines; the first is made", () => {
    const result = edit("a: 1\n§b:\n  §c: 2\n", removeField, rename("d"));
    expect(result.text).toBe("a: 1\n");
    expect(result.refused.map(({ why }) => why)).toEqual([
      "Another fix changes the same lines: run it again.",
    ]);
  });

  it("is what leaves nothing together with another edit", () => {
    const result = edit("s:\n  §a: 1\n  §b: 2\n", removeField);
    expect(result.text).toBe("s:\n  b: 2\n");
    expect(result.refused).toHaveLength(1);
  });

  it("is not an edit that is asked for twice", () => {
    const what = { kind: "append-document", file: "f", value: { a: 1 } } as const;
    expect(applyEdits("", [what, what])).toEqual({ text: "a: 1\n", applied: [what, what], refused: [] });
  });
});
