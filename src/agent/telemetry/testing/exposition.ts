// Prometheus' text format (version 0.0.4), read strictly: what its own parser would refuse, or promtool complain of, throws.

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of a histogram with `_bucket`, `_sum` or `_count` at the end. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[-+0-9.e]+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, Family & { samples: Sample[] }>();
  for (const block of text.trimEnd().split(/\n\n?(?=# HELP )/)) {
    const [helpLine = "", typeLine = "", ...lines] = block.split("\n");
    const help = /^# HELP (\S+) (.+)$/.exec(helpLine);
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(typeLine);
    if (help === null || type === null || help[1] !== type[1]) throw new Error(`${helpLine} / ${typeLine}`);
    const name = help[1]!;
    if (families.has(name)) throw new Error(`${name} comes twice`);
    const family = { name, help: help[2]!, type: type[2] as Family["type"], samples: lines.map(parseSample) };
    families.set(name, family);
    const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    for (const sample of family.samples) {
      if (!suffixes.some((suffix) => sample.name === name + suffix))
        throw new Error(`${sample.name} in ${name}`);
    }
    const keys = family.samples.map(
      ({ name: full, labels }) => `${full} ${JSON.stringify(Object.entries(labels).sort())}`,
    );
    if (new Set(keys).size < keys.length) throw new Error(`${name} has a sample twice`);
    if (family.type === "histogram") checkHistogram(family);
  }
  return families;
}

function parseSample(line: string): Sample {
  const found = SAMPLE.exec(line);
  if (found === null) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = found[2] ?? "";
  while (rest !== "") {
    const label = LABEL.exec(rest);
    if (label === null || label[1]! in labels) throw new Error(`no labels: ${line}`);
    labels[label[1]!] = label[2]!.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    rest = rest.slice(label[0].length);
  }
  const value = found[3]!.endsWith("Inf") ? Number(found[3]!.replace("Inf", "Infinity")) : Number(found[3]);
  if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
  return { name: found[1]!, labels, value };
}

/** Buckets grow, and the last one is the count. */
function checkHistogram({ name, samples }: Family): void {
  const series = new Map<string, { le: number; value: number }[]>();
  for (const sample of samples) {
    const { le, ...others } = sample.labels;
    const key = JSON.stringify(others);
    if (sample.name === `${name}_bucket`) {
      const one = { le: le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le), value: sample.value };
      series.set(key, [...(series.get(key) ?? []), one]);
    } else if (sample.name === `${name}_count`) {
      const buckets = series.get(key) ?? [];
      const grows = buckets.every(
        ({ le: bound, value }, n) =>
          n === 0 || (bound > buckets[n - 1]!.le && value >= buckets[n - 1]!.value),
      );
      const last = buckets.at(-1);
      if (!grows || last?.le !== Number.POSITIVE_INFINITY || last.value !== sample.value) {
        throw new Error(`buckets of ${name} ${key}`);
      }
    }
  }
}

/** What `promtool check metrics` would say, and a little more; empty if all is well. */
export function lint({ name, help, type, samples }: Family): string[] {
  const labels = samples.flatMap((sample) => Object.keys(sample.labels));
  const rules: readonly (readonly [boolean, string])[] = [
    [/^[a-z][a-z0-9_]*$/.test(name), "is not in snake_case"],
    [name.startsWith("podwall_") || /^(process|nodejs)_/.test(name), "has no known prefix"],
    [type !== "counter" || name.endsWith("_total"), "is a counter without _total"],
    [type === "counter" || !name.endsWith("_total"), "is no counter and ends in _total"],
    [!/_(count|sum|bucket)$/.test(name), "ends as a part of a histogram does"],
    [!new RegExp(`_(${type})(_|$)`).test(name), "has its type in its name"],
    [!/_(milliseconds|millis|ms|minutes|kb|mb|kilobytes|percent)(_|$)/.test(name), "is not in a base unit"],
    [
      !/(duration|lag|delay|age|timestamp)/.test(name) || name.includes("_seconds"),
      "is a time without _seconds",
    ],
    [help.length > 10 && /^[A-Z0-9]/.test(help) && help.endsWith("."), "has no help that is a sentence"],
    [labels.every((label) => /^[a-z][a-z0-9_]*$/.test(label)), "has a label that is not in snake_case"],
    [type === "histogram" || !labels.some((label) => /^(le|quantile)$/.test(label)), "has a reserved label"],
    [labels.every((label) => !name.includes(`_by_${label}`)), "has a label in its name"],
  ];
  return rules.filter(([holds]) => !holds).map(([, words]) => `${name} ${words}`);
}
