import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findSuiteFile } from "./suite-file.ts";

describe("findSuiteFile", () => {
  let base: string;
  const file = (...folders: string[]) => join(base, ...folders, "clusternetworkpolicy-v1alpha2.json");

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), "podwall-suite-"));
    for (const folder of [["shared", "conformance"], ["elsewhere"], ["a", "b", "repository"]]) {
      mkdirSync(join(base, ...folder), { recursive: true });
    }
    writeFileSync(file("shared", "conformance"), "{}");
    writeFileSync(file("elsewhere"), "{}");
  });
  afterAll(() => rmSync(base, { recursive: true }));

  it("looks beside the repository, and beside a folder that holds it", () => {
    const found = { path: file("shared", "conformance") };
    expect(findSuiteFile(join(base, "repository"), "")).toEqual(found);
    expect(findSuiteFile(join(base, "a", "b", "repository"), "")).toEqual(found);
  });

  it("says what is missing where it is not there", () => {
    const deep = join(base, "1", "2", "3", "4", "5", "repository");
    expect(findSuiteFile(deep, "")).toEqual({ missing: expect.stringContaining("PODWALL_CONFORMANCE") });
  });

  it("takes the folder that PODWALL_CONFORMANCE names, and only that", () => {
    const root = join(base, "a", "b", "repository");
    expect(findSuiteFile(root, "../../../elsewhere")).toEqual({ path: file("elsewhere") });
    expect(() => findSuiteFile(root, "../shared/conformance")).toThrow(/PODWALL_CONFORMANCE is/);
  });
});
