import { describe, expect, it } from "vitest";
import { applyEdits } from "../../src/analysis/fix/apply-edits.ts";
import type { FieldEdit } from "../../src/k8s/fix.ts";
import type { FieldPath, Origin } from "../../src/k8s/location.ts";
import { readDocuments } from "../../src/k8s/text-documents.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { randomText } from "./random-text.ts";

interface Read {
  readonly value: unknown;
  readonly origin: Origin;
}

function read(text: string): Read[] {
  const documents: Read[] = [];
  const findings = readDocuments("f", text, (document) => documents.push(document));
  if (findings.length > 0) throw new Error(`${findings[0]!.message}\n${text}`);
  return documents;
}

type Inner = Record<string | number, unknown>;

function at(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Inner)[step], value);
}

/** The ways to everything in a value. */
function pathsIn(value: unknown, path: FieldPath = []): FieldPath[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsIn((value as Inner)[key], [...path, key]))];
}

/** What an edit is to do, said of the value and not of the text. */
interface Asked {
  readonly edit: FieldEdit;
  readonly change: (value: unknown) => void;
  /** How many lines of the text before and after may lie between the first and the last that is another. */
  readonly lines: { readonly before: number; readonly after: number };
}

const SCALARS = ["TCP", "yes", "0777", "10.0.0.0/8", "2001:db8::/32", "it's: #1", 80, true] as const;
const VALUES = [...SCALARS, { a: 1 }, [{ a: "no", b: [1, 2] }, {}], {}, []] as const;
const ANY = Number.POSITIVE_INFINITY;

/** An edit that fits the value at a path, chosen by chance; undefined where none is. */
function randomEdit(random: Random, { value, origin }: Read, path: FieldPath): Asked | undefined {
  const target = at(value, path);
  const step = path.at(-1);
  const parent = path.slice(0, -1);
  const place = origin.position(path);
  const asked: Asked[] = [];
  if (Array.isArray(target)) {
    const item = random.pick(VALUES);
    asked.push({
      edit: { kind: "add-item", at: place, value: item },
      change: (root) => (at(root, path) as unknown[]).push(item),
      lines: { before: 1, after: ANY },
    });
  } else if (typeof target === "object" && target !== null) {
    const added = random.pick(VALUES);
    asked.push({
      edit: { kind: "add-field", at: place, name: "added", value: added },
      change: (root) => Object.assign(at(root, path) as object, { added }),
      lines: { before: 1, after: ANY },
    });
  } else if (step !== undefined) {
    const scalar = random.pick(SCALARS);
    asked.push({
      edit: { kind: "set-value", at: place, value: scalar },
      change: (root) => Object.assign(at(root, parent) as object, { [step]: scalar }),
      lines: { before: 1, after: 1 },
    });
  }
  if (typeof step === "number") {
    asked.push({
      edit: { kind: "remove-item", at: place },
      change: (root) => (at(root, parent) as unknown[]).splice(step, 1),
      lines: { before: ANY, after: 2 },
    });
    const before = step === 0 ? undefined : at(value, [...parent, step - 1]);
    if (isFilled(before) && isFilled(target) && !Object.keys(target).some((key) => key in before)) {
      const merge: Asked = {
        edit: { kind: "merge-with-previous-item", at: place },
        change: (root) => {
          const [merged] = (at(root, parent) as object[]).splice(step, 1);
          Object.assign(at(root, [...parent, step - 1]) as object, merged);
        },
        lines: { before: 3, after: 2 },
      };
      // Few items can be merged: those are, mostly.
      asked.push(merge, merge, merge, merge);
    }
  } else if (step !== undefined) {
    const key = origin.position(path, "key");
    asked.push({
      edit: { kind: "remove-field", at: key },
      change: (root) => delete (at(root, parent) as Inner)[step],
      lines: { before: ANY, after: 2 },
    });
    asked.push({
      edit: { kind: "rename-field", at: key, name: "renamed" },
      change: (root) => {
        const map = at(root, parent) as Inner;
        map.renamed = map[step];
        delete map[step];
      },
      lines: { before: 1, after: 1 },
    });
  }
  return asked.length === 0 ? undefined : random.pick(asked);
}

function isFilled(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

/** How many lines lie between the first and the last that differ. */
function differing(before: string, after: string): { before: number; after: number } {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return { before: a.length - start - end, after: b.length - start - end };
}

/** A way into a value; often to an item behind another one, of which there are few. */
function randomPath(random: Random, value: unknown): FieldPath {
  const paths = pathsIn(value);
  const later = paths.filter((path) => typeof path.at(-1) === "number" && path.at(-1) !== 0);
  return random.pick(later.length > 0 && random.chance(0.3) ? later : paths);
}

const SEEDS = 200;

describe("edits by chance of texts by chance", () => {
  it("change the values as they say, and no other line", () => {
    const made = new Map<string, number>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = createRandom(seed);
      const text = randomText(random, randomCluster(seed));
      const documents = read(text);
      for (let round = 0; round < 5; round++) {
        const index = random.int(0, documents.length - 1);
        const document = documents[index]!;
        const asked = randomEdit(random, document, randomPath(random, document.value));
        if (asked === undefined) continue;
        const context = `seed ${seed}, ${JSON.stringify(asked.edit)}\n${text}`;
        const result = applyEdits(text, [asked.edit]);
        expect(result.refused, context).toEqual([]);
        const values = structuredClone(documents.map(({ value }) => value));
        asked.change(values[index]);
        expect(
          read(result.text).map(({ value }) => value),
          context,
        ).toEqual(values);
        const lines = differing(text, result.text);
        expect(lines.before, context).toBeLessThanOrEqual(asked.lines.before);
        expect(lines.after, context).toBeLessThanOrEqual(asked.lines.after);
        made.set(asked.edit.kind, (made.get(asked.edit.kind) ?? 0) + 1);
      }
    }
    expect([...made.keys()].sort()).toEqual(KINDS);
    expect(Math.min(...made.values())).toBeGreaterThanOrEqual(10);
  });

  it("change many values at once", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = createRandom(seed);
      const text = randomText(random, randomCluster(seed));
      const documents = read(text);
      const values = structuredClone(documents.map(({ value }) => value));
      const edits: FieldEdit[] = [];
      for (const [index, { value, origin }] of documents.entries()) {
        const scalars = pathsIn(value).filter((path) => typeof at(value, path) !== "object");
        for (const path of random.sample(scalars, 10)) {
          edits.push({ kind: "set-value", at: origin.position(path), value: `new-${edits.length}` });
          Object.assign(at(values[index], path.slice(0, -1)) as object, {
            [path.at(-1)!]: `new-${edits.length - 1}`,
          });
        }
      }
      const result = applyEdits(text, edits);
      expect(result.refused).toEqual([]);
      expect(read(result.text).map(({ value }) => value)).toEqual(values);
      expect(result.text.split("\n")).toHaveLength(text.split("\n").length);
    }
  });
});

const KINDS = [
  "add-field",
  "add-item",
  "merge-with-previous-item",
  "remove-field",
  "remove-item",
  "rename-field",
  "set-value",
];
