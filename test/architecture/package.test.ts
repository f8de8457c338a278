import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

interface PackageJson {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

describe("package.json", () => {
  it("pins exact versions", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as PackageJson;
    const versions = Object.entries({ ...dependencies, ...devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

describe("package-lock.json", () => {
  // With them, an installation would ask the registry of whoever wrote the file instead of the reader's own.
  it("holds no download addresses", () => {
    expect(read("package-lock.json").match(/"resolved": *"[^"]*"/g) ?? []).toEqual([]);
  });
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
