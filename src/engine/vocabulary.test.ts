import { describe, expect, it } from "vitest";
import { ANY_OTHER_VALUE, createLabelVocabulary, createNameVocabulary } from "./vocabulary.ts";

const api = { matchLabels: { app: "api" } };

describe("a vocabulary of labels", () => {
  it("sees the keys that selectors ask for, and of their values those that they name", () => {
    const vocabulary = createLabelVocabulary();
    vocabulary.add(api);
    vocabulary.add({ matchExpressions: [{ key: "tier", operator: "Exists" }] });
    expect(vocabulary.project({ tier: "x", app: "api", "pod-template-hash": "abc" })).toEqual({
      app: "api",
      tier: ANY_OTHER_VALUE,
    });
    expect(vocabulary.project({ app: "web" })).toEqual({ app: ANY_OTHER_VALUE });
    expect(vocabulary.project({ other: "x" })).toEqual({});
  });

  it("gives equal looks in equal words, whatever the order of the labels", () => {
    const vocabulary = createLabelVocabulary();
    vocabulary.add({ matchLabels: { b: "1", a: "2" } });
    const keys = (labels: Record<string, string>) => Object.keys(vocabulary.project(labels));
    expect(keys({ b: "1", a: "2" })).toEqual(keys({ a: "2", b: "1" }));
  });

  it("forgets with the last use, and tells what came and went", () => {
    const vocabulary = createLabelVocabulary();
    vocabulary.add(api);
    vocabulary.add({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["api", "web"] }] });
    expect([...vocabulary.takeChanges().keys]).toEqual(["app"]);
    vocabulary.remove({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["api", "web"] }] });
    const { keys, values } = vocabulary.takeChanges();
    expect([...keys]).toEqual([]);
    expect([...values.get("app")!]).toEqual(["web"]);
    expect(vocabulary.project({ app: "api" })).toEqual({ app: "api" });
    vocabulary.remove(api);
    expect([...vocabulary.takeChanges().keys]).toEqual(["app"]);
    expect(vocabulary.project({ app: "api" })).toEqual({});
  });
});

describe("a vocabulary of names", () => {
  it("tells the first use and the last", () => {
    const names = createNameVocabulary();
    names.add("web");
    names.add("web");
    expect([...names.takeChanges()]).toEqual(["web"]);
    names.remove("web");
    expect([names.has("web"), [...names.takeChanges()]]).toEqual([true, []]);
    names.remove("web");
    expect([names.has("web"), [...names.takeChanges()]]).toEqual([false, ["web"]]);
  });
});
