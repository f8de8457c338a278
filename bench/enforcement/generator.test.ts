import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../src/linux/programs.ts";
import { compileGenerator } from "./generator.ts";

describe.skipIf(findProgram("cc") === undefined)("compileGenerator (needs cc)", () => {
  it("makes a program that tells how to use it, and gives the reason where it cannot", () => {
    const folder = mkdtempSync(join(tmpdir(), "podwall-bench-test-"));
    try {
      const source = fileURLToPath(new URL("load.c", import.meta.url));
      expect(compileGenerator(source, join(folder, "load"))).toEqual({ program: join(folder, "load") });
      const { status, stderr } = spawnSync(join(folder, "load"), ["connect"], { encoding: "utf8" });
      expect(status).toBe(2);
      expect(stderr).toContain("load.c tells the arguments");
      expect(compileGenerator(join(folder, "missing.c"), join(folder, "other"))).toMatchObject({
        reason: expect.stringContaining("cc refused the load generator"),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
