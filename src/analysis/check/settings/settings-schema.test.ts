import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { readSettings } from "./read-settings.ts";

const validate = new Ajv2020({ allowUnionTypes: true, allErrors: true }).compile(
  JSON.parse(
    readFileSync(new URL("../../../../schemas/podwall.settings.v1.schema.json", import.meta.url), "utf8"),
  ) as object,
);

/** Settings that are fine, and such that are not. Codes that do not exist are only warned of. */
const GOOD = [
  "{}",
  "check:",
  "check: {}",
  "check: {failOn: never}",
  "check: {failOn: }",
  "check: {levels: }",
  "check: {levels: {bad-cidr: warning, or-instead-of-and: 'off', no-such-code: info}}",
  "check: {levels: {or-instead-of-and: false}}",
  "check: {ignore: []}",
  "check: {ignore: [{code: or-instead-of-and, reason: both}]}",
  "check: {ignore: [{codes: [a, b], object: NetworkPolicy shop/*, file: deploy/**, reason: both}]}",
  "check: {ignore: [{}]}",
];
const BAD = [
  "[]",
  "text",
  "checks: {}",
  "check: []",
  "check: {failOn: fatal}",
  "check: {failOn: 1}",
  "check: {levels: []}",
  "check: {levels: {or-instead-of-and: loud}}",
  "check: {levels: {or-instead-of-and: true}}",
  "check: {levels: {or-instead-of-and: {}}}",
  "check: {ignore: {}}",
  "check: {ignore: [or-instead-of-and]}",
  "check: {ignore: [{code: 1}]}",
  "check: {ignore: [{code: [a]}]}",
  "check: {ignore: [{codes: a}]}",
  "check: {ignore: [{codes: [1]}]}",
  "check: {ignore: [{code: a, why: b}]}",
  "check: {ignore: [{code: a, reason: 1}]}",
  "check: {ignore: [{code: a, object: []}]}",
  "check: {ignore: [{code: a, file: {}}]}",
];

describe("the schema of podwall.yaml", () => {
  it.each([...GOOD.map((text) => [text, true] as const), ...BAD.map((text) => [text, false] as const)])(
    "%s: %s, and so says the reader",
    (text, isGood) => {
      const errors = readSettings("podwall.yaml", text).findings.filter(
        ({ severity }) => severity === "error",
      );
      expect(errors.length === 0).toBe(isGood);
      expect(validate(load(text))).toBe(isGood);
    },
  );
});
