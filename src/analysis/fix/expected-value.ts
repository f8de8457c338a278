import { isMapping } from "../../k8s/check.ts";
import { setField } from "../../k8s/text-problem.ts";
import type { Effect } from "./plan.ts";
import type { ListText, MapText, TextNode } from "./text-tree.ts";

/**
 * The value that a document must have once its edits are made. `root` is where everything in it is. Undefined if an edit
 * is of something that the value does not have, as behind a fault of the text.
 */
export function expectedValue(
  value: unknown,
  root: TextNode,
  effects: readonly Effect[],
): { readonly value: unknown } | undefined {
  const byNode = new Map<TextNode, Effect[]>();
  for (const effect of effects) {
    const node = effect.kind === "set" ? effect.node : effect.parent;
    byNode.set(node, [...(byNode.get(node) ?? []), effect]);
  }
  const taken = new Set<Effect>();
  const expected = valueAfter(value, root, (node) => {
    const found = byNode.get(node) ?? [];
    for (const effect of found) taken.add(effect);
    return found;
  });
  return taken.size === new Set(effects).size ? { value: expected } : undefined;
}

type EffectsOn = (node: TextNode) => readonly Effect[];

function valueAfter(value: unknown, node: TextNode, effectsOn: EffectsOn): unknown {
  if (node.kind === "scalar") {
    const set = effectsOn(node).findLast((effect) => effect.kind === "set");
    return set === undefined ? value : set.value;
  }
  if (node.kind === "map" && isMapping(value)) return mappingOf(value, node, effectsOn);
  if (node.kind === "list" && Array.isArray(value) && value.length === node.items.length) {
    return listOf(value, node, effectsOn);
  }
  return value;
}

function mappingOf(value: Readonly<Record<string, unknown>>, node: MapText, effectsOn: EffectsOn): unknown {
  const effects = effectsOn(node);
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    // A field without a place came with <<.
    const index = node.fields.findLastIndex(({ name }) => name === key);
    if (effects.some((effect) => effect.kind === "remove" && effect.index === index)) continue;
    const renamed = effects.find((effect) => effect.kind === "rename" && effect.index === index);
    const name = renamed?.kind === "rename" ? renamed.name : key;
    setField(result, name, index < 0 ? inner : valueAfter(inner, node.fields[index]!.value, effectsOn));
  }
  for (const effect of effects) if (effect.kind === "add-field") setField(result, effect.name, effect.value);
  return result;
}

function listOf(value: readonly unknown[], node: ListText, effectsOn: EffectsOn): unknown {
  const effects = effectsOn(node);
  const result: unknown[] = [];
  for (const [index, inner] of value.entries()) {
    if (effects.some((effect) => effect.kind === "remove" && effect.index === index)) continue;
    const item = valueAfter(inner, node.items[index]!.value, effectsOn);
    const joins = effects.some((effect) => effect.kind === "merge" && effect.index === index);
    if (joins && isMapping(item) && isMapping(result.at(-1))) {
      result[result.length - 1] = { ...(result.at(-1) as object), ...item };
    } else {
      result.push(item);
    }
  }
  for (const effect of effects) if (effect.kind === "add-item") result.push(effect.value);
  return result;
}

/** True for values that are the same all through, the order of fields apart. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        isSameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
