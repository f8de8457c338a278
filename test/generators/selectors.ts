import type { Labels, RawRequirement, RawSelector } from "../reference/raw.ts";
import type { Random } from "./random.ts";

export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Few keys and values, so that selectors hit; the empty value is not the same as no label. */
const VALUES = ["a", "b", ""];

const POD_KEYS: readonly (readonly [key: string, probability: number])[] = [
  ["app", 0.8],
  ["tier", 0.5],
  ["env", 0.3],
  ["example.com/zone", 0.1],
];

/** `env` is a key of pods as well: a selector asked of the wrong object would still look plausible. */
const NAMESPACE_KEYS: readonly (readonly [key: string, probability: number])[] = [
  ["team", 0.7],
  ["env", 0.4],
];

/** Of nodes, beside those that every node has. */
const NODE_KEYS: readonly (readonly [key: string, probability: number])[] = [
  ["zone", 0.6],
  ["env", 0.3],
];

export function randomPodLabels(random: Random): Labels | undefined {
  return randomLabels(random, POD_KEYS);
}

export function randomNamespaceLabels(random: Random): Labels | undefined {
  return randomLabels(random, NAMESPACE_KEYS);
}

export function randomNodeLabels(random: Random): Labels {
  return randomLabels(random, NODE_KEYS) ?? {};
}

function randomLabels(random: Random, keys: typeof POD_KEYS): Labels | undefined {
  const chosen = keys.filter(([, probability]) => random.chance(probability));
  const labels = Object.fromEntries(chosen.map(([key]) => [key, randomValue(random)]));
  return chosen.length === 0 && random.chance(0.5) ? undefined : labels;
}

function randomValue(random: Random): string {
  return random.weighted([
    [6, VALUES[0]!],
    [4, VALUES[1]!],
    [1, VALUES[2]!],
  ]);
}

/** A pod selector; `models` are label sets it is likely to match some of. */
export function randomPodSelector(random: Random, models: readonly Labels[]): RawSelector {
  return randomSelector(
    random,
    models,
    POD_KEYS.map(([key]) => key),
  );
}

/** A namespace selector; `models` are label sets that include the implicit name label. */
export function randomNamespaceSelector(random: Random, models: readonly Labels[]): RawSelector {
  const keys = [...NAMESPACE_KEYS.map(([key]) => key), NAMESPACE_NAME_LABEL];
  return randomSelector(random, models, keys);
}

/** A node selector; `models` are label sets of nodes. */
export function randomNodeSelector(random: Random, models: readonly Labels[]): RawSelector {
  return randomSelector(
    random,
    models,
    NODE_KEYS.map(([key]) => key),
  );
}

function randomSelector(random: Random, models: readonly Labels[], keys: readonly string[]): RawSelector {
  const model = models.length > 0 && random.chance(0.8) ? random.pick(models) : {};
  const known = Object.keys(model);
  const requirements = (min: number) =>
    Array.from({ length: random.int(min, 2) }, () => randomRequirement(random, model, keys));
  const matchLabels = (count: number) =>
    Object.fromEntries(
      random
        .sample(known.length > 0 ? known : keys, count)
        .map((key) => [key, model[key] ?? randomValue(random)]),
    );
  const shape = random.weighted([
    [4, "everything"],
    [7, "labels"],
    [7, "expressions"],
    [2, "both"],
  ]);
  switch (shape) {
    case "everything":
      return random.weighted<RawSelector>([
        [6, {}],
        [1, { matchLabels: {} }],
        [1, { matchExpressions: [] }],
      ]);
    case "labels":
      return { matchLabels: matchLabels(random.chance(0.7) ? 1 : 2) };
    case "expressions":
      return { matchExpressions: requirements(1) };
    default:
      return { matchLabels: matchLabels(1), matchExpressions: requirements(1) };
  }
}

function randomRequirement(random: Random, model: Labels, keys: readonly string[]): RawRequirement {
  const key = random.pick(random.chance(0.5) ? [...Object.keys(model), ...keys] : keys);
  const operator = random.pick(["In", "NotIn", "Exists", "DoesNotExist"]);
  if (operator === "Exists" || operator === "DoesNotExist") {
    return random.chance(0.1) ? { key, operator, values: [] } : { key, operator };
  }
  const likely = model[key] ?? randomValue(random);
  const values = random.chance(0.4) ? [likely, randomValue(random)] : [likely];
  return { key, operator, values: [...new Set(values)] };
}
