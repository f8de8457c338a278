import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { wrongInputs } from "./cases.ts";

// In all others the mistake is in the values. (A binary file is one long plain scalar to the `yaml` package.)
const NOT_PARSABLE = [/^broken YAML/, /^a tab/, /twice in one mapping/, /^JSON/];

describe("wrong inputs", () => {
  it("are at least thirty, under different names", () => {
    expect(wrongInputs.length).toBeGreaterThanOrEqual(30);
    expect(new Set(wrongInputs.map((input) => input.name)).size).toBe(wrongInputs.length);
  });

  it.each(wrongInputs)(
    "$name: parses unless that is the mistake, and its place exists",
    ({ name, files, expected }) => {
      const texts = Object.values(files);
      const broken = texts.some((text) =>
        parseAllDocuments(text).some((document) => document.errors.length > 0),
      );
      expect(broken).toBe(NOT_PARSABLE.some((pattern) => pattern.test(name)));
      if (expected.line !== undefined) {
        const line = texts[0]?.split("\n")[expected.line - 1];
        // Something may be missing behind the last character of a line.
        expect(line?.length).toBeGreaterThanOrEqual((expected.column ?? 1) - 1);
      }
      expect(expected.mentions.length).toBeGreaterThanOrEqual(2);
    },
  );
});
