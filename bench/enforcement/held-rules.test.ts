import { describe, expect, it } from "vitest";
import { canonicalRules } from "./held-rules.ts";

function listing(
  name: string,
  elements: string,
  order: "set first" | "chain first",
  verdict = "accept",
): string {
  const set = `\tset ${name} {\n\t\ttype ipv4_addr\n\t\telements = { ${elements} }\n\t}\n`;
  const chain = `\tchain forward {\n\t\tip saddr @${name} ${verdict}\n\t}\n`;
  return `table inet podwall {\n${order === "set first" ? `${set}\n${chain}` : `${chain}\n${set}`}}\n`;
}

describe("canonicalRules", () => {
  const rules = canonicalRules(listing("peers_1", "10.0.0.1, 10.0.0.2,\n\t\t\t     10.0.0.3", "set first"));

  it("does not mind the order of making, nor the names of sets", () => {
    expect(canonicalRules(listing("peers_2", "10.0.0.3, 10.0.0.1, 10.0.0.2", "chain first"))).toBe(rules);
  });

  it.each([
    ["an element less", listing("peers_1", "10.0.0.1, 10.0.0.2", "set first")],
    ["another verdict", listing("peers_1", "10.0.0.1, 10.0.0.2, 10.0.0.3", "set first", "drop")],
  ])("sees %s", (_, other) => expect(canonicalRules(other)).not.toBe(rules));

  it("sees which set a rule names", () => {
    const two = (named: string): string =>
      `table inet t {\n\tset a {\n\t\telements = { 1 }\n\t}\n\n\tset b {\n\t\telements = { 2 }\n\t}\n\n\tchain c {\n\t\tip saddr @${named} drop\n\t}\n}\n`;
    expect(canonicalRules(two("a"))).not.toBe(canonicalRules(two("b")));
  });
});
