import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { BAD_FILES, GOOD_FILES } from "../analysis/assertions/assertion-files.fixture.ts";
import { readDocuments } from "../k8s/text-documents.ts";

function validator(name: string): ValidateFunction {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  return new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(
    JSON.parse(readFileSync(file, "utf8")),
  );
}

/** The values of a text, as editors see them. */
function valuesOf(text: string): unknown[] {
  const values: unknown[] = [];
  readDocuments("a", text, ({ value }) => values.push(value));
  return values.length === 0 ? [null] : values;
}

describe("podwall.test.v1", () => {
  const validate = validator("podwall.test.v1");

  it.each(GOOD_FILES.map((text) => [text]))("accepts %j, as podwall does", (text) => {
    for (const value of valuesOf(text)) validate(value);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(BAD_FILES)("refuses %j, as podwall does (%s)", (text) => {
    expect(valuesOf(text).every((value) => validate(value))).toBe(false);
  });
});
