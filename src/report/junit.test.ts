import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JunitCase, type JunitSuite, junitText } from "./junit.ts";
import { parseXml, type XmlElement } from "./xml.fixture.ts";

/** What readers of JUnit know: for each element its attributes, the needed ones with `!`, and its children. */
const GRAMMAR: Readonly<Record<string, { attributes: readonly string[]; children: readonly string[] }>> = {
  testsuites: { attributes: ["name", "tests!", "failures!", "errors", "time"], children: ["testsuite"] },
  testsuite: {
    attributes: ["name!", "tests!", "failures!", "errors!", "skipped", "time", "timestamp"],
    children: ["testcase"],
  },
  testcase: {
    attributes: ["name!", "classname!", "file", "time"],
    children: ["failure", "error", "skipped"],
  },
  failure: { attributes: ["message!", "type!"], children: [] },
  error: { attributes: ["message!", "type!"], children: [] },
  skipped: { attributes: ["message"], children: [] },
};

function expectGrammar(element: XmlElement): void {
  const { attributes, children } = GRAMMAR[element.name]!;
  const needed = attributes.filter((each) => each.endsWith("!")).map((each) => each.slice(0, -1));
  const known = attributes.map((each) => each.replace("!", ""));
  const given = Object.keys(element.attributes);
  expect(needed.filter((each) => !given.includes(each))).toEqual([]);
  expect(given.filter((each) => !known.includes(each))).toEqual([]);
  for (const name of ["tests", "failures", "errors", "skipped"]) {
    const value = element.attributes[name];
    if (value !== undefined) expect(value).toMatch(/^\d+$/);
  }
  if (element.attributes.time !== undefined) expect(element.attributes.time).toMatch(/^\d+\.\d{3}$/);
  for (const child of element.children) {
    expect(children).toContain(child.name);
    expectGrammar(child);
  }
}

const PROBLEM = { message: "it passes", type: "deny", text: "line 1\nline 2" };

const SUITES: readonly JunitSuite[] = [
  {
    name: "a.podwall.yaml",
    timestamp: "2024-01-02T03:04:05",
    cases: [
      { name: "one", classname: "a", file: "a.podwall.yaml", seconds: 0.25 },
      { name: "two", classname: "a", failure: PROBLEM, seconds: 1 },
      { name: "three", classname: "a", error: PROBLEM },
      { name: "four", classname: "a", skipped: "no kernel here" },
    ],
  },
  { name: "empty", cases: [] },
];

describe("junitText", () => {
  it("is what readers of JUnit know", () => {
    const root = parseXml(junitText(SUITES));
    expectGrammar(root);
    expect(root.attributes).toMatchObject({ tests: "4", failures: "1", errors: "1", time: "1.250" });
    const [first, second] = root.children;
    expect(first!.attributes).toMatchObject({ name: "a.podwall.yaml", tests: "4", skipped: "1" });
    expect(first!.attributes.timestamp).toBe("2024-01-02T03:04:05");
    expect(first!.children.map((each) => each.children.map((child) => child.name))).toEqual([
      [],
      ["failure"],
      ["error"],
      ["skipped"],
    ]);
    expect(first!.children[1]!.children[0]!.text).toBe("line 1\nline 2");
    expect(second!.children).toEqual([]);
  });

  it("without suites is an empty report", () => {
    const root = parseXml(junitText([]));
    expectGrammar(root);
    expect(root.attributes.tests).toBe("0");
  });

  it.each([
    ["markup", `<a href="x">'&amp;' ]]></a>`, `<a href="x">'&amp;' ]]></a>`],
    ["line breaks and tabs", "a\r\nb\tc\n", "a\r\nb\tc\n"],
    ["the colours of a terminal", "\u001b[31mred\u001b[0m", "\ufffd[31mred\ufffd[0m"],
    ["what XML has no place for", "\u0000\ufffe\uffff", "\ufffd\ufffd\ufffd"],
    ["halves of a character", "\ud83d \ude00 \u{1f600}", "\ufffd \ufffd \u{1f600}"],
  ])("keeps %s", (_what, written, read) => {
    const problem = { message: written, type: written, text: written };
    const cases: JunitCase[] = [{ name: written, classname: written, file: written, failure: problem }];
    const root = parseXml(junitText([{ name: written, cases }]));
    const element = root.children[0]!.children[0]!;
    expect(root.children[0]!.attributes.name).toBe(read);
    expect(element.attributes).toMatchObject({ name: read, classname: read, file: read });
    expect(element.children[0]!.attributes).toMatchObject({ message: read, type: read });
    expect(element.children[0]!.text).toBe(read);
  });

  it("is well-formed whatever the texts", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (name, message) => {
        const failure = { message, type: "x", text: message };
        expectGrammar(
          parseXml(junitText([{ name, cases: [{ name, classname: name, failure, skipped: message }] }])),
        );
      }),
    );
  });
});
