import { fileURLToPath } from "node:url";
import { sandboxEnd, startSandbox } from "../lab/sandbox.ts";
import { sandboxSupport } from "../lab/sandbox-support.ts";
import { EXIT_NO_KERNEL } from "./exit-code.ts";
import type { TestOptions } from "./test.ts";

/** `podwall test --lab`: the part outside the sandbox. Starts the inner part and lives as long as it does. */
export async function testInLab(paths: readonly string[], options: TestOptions): Promise<number> {
  const support = sandboxSupport();
  if (!support.ok) {
    process.stderr.write(
      `podwall test: the kernel part was left out: ${support.reason}\n  ${support.help}\n  Without --lab the cases are judged all the same.\n`,
    );
    return EXIT_NO_KERNEL;
  }
  return sandboxEnd(startSandbox({ script: innerScript(), args: [JSON.stringify({ paths, options })] }));
}

/** The inner part: beside this file in the sources, beside the bundle in a build. */
function innerScript(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./test-inner.ts" : "./test-inner.js", here));
}
