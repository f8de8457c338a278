import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outlineJson } from "./json-outline.ts";
import { scanJson } from "./json-scan.ts";
import { MAX_DEPTH } from "./nesting.ts";
import { stringText } from "./source-text.ts";

function outline(text: string): ReturnType<typeof outlineJson> {
  return outlineJson(stringText(text).units());
}

function itemsOf(text: string): string[] | undefined {
  return outline(text)?.[0]?.items?.map(({ start, end }) => text.slice(start, end));
}

/** The text without what nobody reads. */
function kept(text: string): unknown {
  const { start, end, unread } = outline(text)![0]!;
  return JSON.parse(stringText(text).join([start, ...unread, end]));
}

describe("outlineJson", () => {
  it("finds the values that follow each other", () => {
    const text = ' {"a": 1}\n[2] \r\n{}\t';
    expect(outline(text)?.map(({ start, end }) => text.slice(start, end))).toEqual(['{"a": 1}', "[2]", "{}"]);
  });

  it("finds the items of the list of an object, and of no other", () => {
    expect(
      itemsOf('{"a": {"items": [1]}, "items": [ {"x": [1, {}]} , 2,"]," , [3] ], "kind": "List"}'),
    ).toEqual(['{"x": [1, {}]}', "2", '"],"', "[3]"]);
    expect(itemsOf('{"items": [ ]}')).toEqual([]);
    expect(itemsOf('{"items": {}}')).toBeUndefined();
    expect(itemsOf('{"a": {"items": [1]}}')).toBeUndefined();
    expect(itemsOf('[{"items": [1]}]')).toBeUndefined();
  });

  it("says what is around the items", () => {
    const text = '{"a": 1, "items": [1, 2], "b": 2}';
    const { start, end, itemsStart, itemsEnd } = outline(text)![0]!;
    expect(JSON.parse(stringText(text).join([start, itemsStart, itemsEnd, end]))).toEqual({
      a: 1,
      items: [],
      b: 2,
    });
  });

  it("leaves out the lists and objects that nobody reads, and nothing else of those names", () => {
    expect(
      kept('{"env": [1, {"env": [2]}], "volumes": { }, "args": "x", "b": {"images": [[]]}, "c": [1]}'),
    ).toEqual({
      env: [],
      volumes: {},
      args: "x",
      b: { images: [] },
      c: [1],
    });
  });

  it.each([
    ['{"a": 1, "a": 2}', true],
    ['{"a": {"b": 1}, "b": {"b": 1}}', false],
    ['[{"a": 1}, {"a": 1}]', false],
    ['{"a": {"b": 1, "c": 1, "b": 1}}', true],
    // The same key, written differently.
    ['{"a": 1, "\\u0061": 2}', true],
    ['{"a\\"b": 1, "a\\"": 2, "a": 3}', false],
    ['{"a\\"b": 1, "a\\"b": 2}', true],
    ['{"items": [1], "items": [2]}', true],
    ['{"managedFields": {"a": 1, "a": 1}}', true],
  ])("%s: a key may be there twice: %s", (text, suspect) => {
    expect(outline(text)?.[0]?.suspect).toBe(suspect);
  });

  it("tells which item has a key twice", () => {
    const [list] = outline('{"items": [{"a": 1}, {"a": 1, "a": 2}, {"b": 1}], "kind": "List"}')!;
    expect([list!.suspect, list!.items?.map((item) => item.suspect)]).toEqual([false, [false, true, false]]);
  });

  it("takes an object with very many keys for suspect", () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]));
    expect(outline(JSON.stringify(many))?.[0]?.suspect).toBe(true);
  });

  it("refuses nesting that is too deep, however deep", () => {
    const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(outline(nested(MAX_DEPTH))).toHaveLength(1);
    expect(outline(nested(MAX_DEPTH + 1))).toBeUndefined();
    expect(outline("[".repeat(1_000_000))).toBeUndefined();
  });

  const bits = ['"', "\\", "{", "}", "[", "]", ":", ",", " ", "\n", "\t", "a", "0", "1", "-", ".", "e", "+"];
  const words = ["true", "null", "\\u0061", "\\/", "\\x", '"a":1', '"items":', "é", "\u0001"];

  it("agrees with JSON.parse on what JSON is, and with the exact scanner on keys", () => {
    const tokens = fc
      .array(fc.constantFrom(...bits, ...words), { maxLength: 12 })
      .map((parts) => parts.join(""));
    const whole = fc.json({ maxDepth: 3 });
    const texts = fc.tuple(whole, tokens, fc.nat(), fc.nat(2)).map(([json, insert, at, cut]) => {
      const place = at % (json.length + 1);
      return `{"a":${json.slice(0, place)}${insert}${json.slice(place + cut)}}`;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          tokens.map((text) => `[${text}]`),
          whole,
        ),
        (text) => {
          let parsed: unknown;
          try {
            parsed = JSON.parse(text);
          } catch {
            parsed = undefined;
          }
          const found = outline(text);
          if (typeof parsed !== "object" || parsed === null) {
            // Several values in a row are fine, each for itself.
            for (const { start, end } of found ?? []) JSON.parse(text.slice(start, end));
            return;
          }
          expect(found).toHaveLength(1);
          const exact = scanJson(text, 0);
          if ("message" in exact) throw new Error(exact.message);
          const suspect = found![0]!.suspect || found![0]!.items?.some((item) => item.suspect) === true;
          if (exact.duplicates.length > 0) expect(suspect).toBe(true);
          else if (!/\\[u/]/.test(text)) expect(suspect).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
