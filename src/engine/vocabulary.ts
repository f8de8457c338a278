import type { LabelSelector, Labels } from "../k8s/objects.ts";
import { requirementsOf } from "../k8s/selector.ts";

/** Stands for every label value that no selector asks for. No real value has this form. */
export const ANY_OTHER_VALUE = "*";

/**
 * The label keys and values that the selectors in use ask for. What no selector asks for tells no two pods apart, so
 * that labels such as `pod-template-hash` or a StatefulSet's pod name do not split classes.
 */
export interface LabelVocabulary {
  add(selector: LabelSelector): void;
  remove(selector: LabelSelector): void;
  /** The labels as the selectors in use see them, keys sorted. */
  project(labels: Labels): Labels;
  /** What came into use or fell out of it since the last call. */
  takeChanges(): VocabularyChanges;
}

export interface VocabularyChanges {
  /** Keys of which nothing was asked before, or is asked any more. */
  readonly keys: ReadonlySet<string>;
  /** Values of other keys, by key. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
}

interface KeyUse {
  uses: number;
  readonly values: Map<string, number>;
}

export function createLabelVocabulary(): LabelVocabulary {
  const used = new Map<string, KeyUse>();
  let changedKeys = new Set<string>();
  let changedValues = new Map<string, Set<string>>();

  const count = (selector: LabelSelector, by: 1 | -1): void => {
    for (const { key, values } of requirementsOf(selector)) {
      let use = used.get(key);
      if (use === undefined) {
        use = { uses: 0, values: new Map() };
        used.set(key, use);
        changedKeys.add(key);
      }
      use.uses += by;
      for (const value of new Set(values ?? [])) {
        const uses = (use.values.get(value) ?? 0) + by;
        if (uses === 0) use.values.delete(value);
        else use.values.set(value, uses);
        if (uses === 0 || (uses === 1 && by === 1)) noteValue(key, value);
      }
      if (use.uses === 0) {
        used.delete(key);
        changedKeys.add(key);
      }
    }
  };
  const noteValue = (key: string, value: string): void => {
    const values = changedValues.get(key);
    if (values === undefined) changedValues.set(key, new Set([value]));
    else values.add(value);
  };

  return {
    add: (selector) => count(selector, 1),
    remove: (selector) => count(selector, -1),
    project: (labels) => {
      const seen: [string, string][] = [];
      for (const key in labels) {
        const use = used.get(key);
        if (use === undefined) continue;
        const value = labels[key]!;
        seen.push([key, use.values.has(value) ? value : ANY_OTHER_VALUE]);
      }
      seen.sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(seen);
    },
    takeChanges: () => {
      const changes = { keys: changedKeys, values: changedValues };
      changedKeys = new Set();
      changedValues = new Map();
      return changes;
    },
  };
}

/** Counts names in use, and notes which ones began or ceased to be. */
export interface NameVocabulary {
  add(name: string): void;
  remove(name: string): void;
  has(name: string): boolean;
  takeChanges(): ReadonlySet<string>;
}

export function createNameVocabulary(): NameVocabulary {
  const used = new Map<string, number>();
  let changed = new Set<string>();
  return {
    add: (name) => {
      const uses = used.get(name) ?? 0;
      if (uses === 0) changed.add(name);
      used.set(name, uses + 1);
    },
    remove: (name) => {
      const uses = used.get(name) ?? 0;
      if (uses > 1) {
        used.set(name, uses - 1);
      } else {
        used.delete(name);
        changed.add(name);
      }
    },
    has: (name) => used.has(name),
    takeChanges: () => {
      const changes = changed;
      changed = new Set();
      return changes;
    },
  };
}
