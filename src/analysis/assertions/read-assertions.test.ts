import { describe, expect, it } from "vitest";
import { BAD_FILES, GOOD_FILES } from "./assertion-files.fixture.ts";
import { readAssertions } from "./read-assertions.ts";

describe("readAssertions", () => {
  it.each(GOOD_FILES.map((text) => [text]))("reads %j", (text) => {
    const { assertions, findings } = readAssertions("a.podwall.yaml", text);
    expect(findings).toEqual([]);
    expect(assertions.assertions).toHaveLength(1);
  });

  it.each(BAD_FILES)("refuses %j with %s at %s", (text, code, place) => {
    const { findings } = readAssertions("a.podwall.yaml", text);
    const errors = findings.filter(({ severity }) => severity === "error");
    const first = errors.find((each) => each.code === code) ?? errors[0];
    expect(first).toBeDefined();
    const { line, column, file } = first!.position;
    expect([file, first!.code, `${line}:${column}`]).toEqual(["a.podwall.yaml", code, place]);
    expect(first!.message).toMatch(/^\S.*\.$/);
    expect(first!.object).toBeUndefined();
  });

  it("says what was probably meant", () => {
    const help = (text: string): string =>
      readAssertions("a", text)
        .findings.map((finding) => finding.help)
        .join();
    expect(help("cases: [{form: a, to: b, expect: deny}]")).toContain("Did you mean from?");
    expect(help("cases: [{from: a, to: b, expect: dany}]")).toContain("Did you mean deny?");
    expect(help("cases: [{from: a, to: b, expect: deny, port: ICMP}]")).toContain("Did you mean icmp?");
    expect(help("cases: [{from: Anyone, to: b, expect: deny}]")).toContain("Did you mean anyone?");
    expect(help("case: []")).toContain("Did you mean cases?");
  });

  it("titles what has no name", () => {
    const titles = readAssertions(
      "a",
      `cases:
- {from: [a, b, c, d], to: shop/db:3306, expect: allow}
- {from: anyone, to: {namespace: shop, labels: {app: db}, except: [x]}, expect: deny, family: 6, ports: [icmp, dns/UDP]}
- {name: mine, from: anyone, to: a, expect: deny}
`,
    ).assertions.assertions.map(({ name }) => name);
    expect(titles).toEqual([
      "default/a, default/b, default/c and 1 more may reach shop/db on TCP 3306",
      "anyone may not reach pods app=db of namespace shop except shop/x on ICMP, UDP port named dns over IPv6",
      "mine",
    ]);
  });

  it("warns of two cases with one name, and of a block that is not written as it is meant", () => {
    const text =
      "cases:\n- {name: x, from: a, to: b, expect: deny}\n- {name: x, from: 10.0.0.1/8, to: b, expect: deny}\n";
    const { findings } = readAssertions("a", text);
    expect(
      findings.map(({ severity, code, position }) => [severity, code, position.line, position.column]),
    ).toEqual([
      ["warning", "cidr-not-canonical", 3, 19],
      ["warning", "duplicate-item", 3, 10],
    ]);
  });

  it("takes one document only, and nothing of a text that cannot be read", () => {
    const good = "cases: [{from: a, to: b, expect: deny}]\n";
    expect(readAssertions("a", `${good}---\n${good}`).findings).toMatchObject([
      { code: "duplicate-object", severity: "error", position: { line: 3, column: 1 } },
    ]);
    expect(readAssertions("a", "cases: [\n").findings[0]).toMatchObject({ severity: "error" });
    const twice = readAssertions("a", "cases: [{from: a, from: c, to: b, expect: deny}]\n");
    expect(twice.findings.map(({ code }) => code)).toContain("duplicate-key");
    expect(readAssertions("a", `cases:\n\t- x\n`).findings[0]).toMatchObject({ code: "yaml-tab" });
  });
});
