import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { describeUnless } from "../../src/lab/testing/harness.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The path of a browser of this machine; undefined if there is none. */
function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Tests with a real browser; where there is none, one skipped test that says so. */
export function describeBrowser(title: string, tests: (browser: () => Browser) => void): void {
  const executablePath = findBrowser();
  const reason =
    executablePath === undefined ? `no ${NAMES.join(", ")} in PATH: npm run setup installs one` : undefined;
  describeUnless(reason, title, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      // Chromium refuses to sandbox itself for root; these pages are our own.
      const chromiumSandbox = process.getuid?.() !== 0;
      browser = await chromium.launch({ executablePath: executablePath!, chromiumSandbox });
    });
    afterAll(() => browser?.close());
    tests(() => browser!);
  });
}
