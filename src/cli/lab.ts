import { fileURLToPath } from "node:url";
import { startControl } from "../lab/control.ts";
import { sandboxEnd, startSandbox } from "../lab/sandbox.ts";
import { sandboxSupport } from "../lab/sandbox-support.ts";
import { EXIT_NO_KERNEL } from "./exit-code.ts";
import type { LabMessage, LabOptions } from "./lab-options.ts";

/** `podwall lab`: the part outside the sandbox. Starts the inner part and lives as long as it does. */
export async function labCommand(paths: readonly string[], options: LabOptions): Promise<number> {
  const support = sandboxSupport();
  if (!support.ok) {
    process.stderr.write(
      `podwall lab: the kernel part was left out: ${support.reason}\n  ${support.help}\n  map and explain work without it.\n`,
    );
    return EXIT_NO_KERNEL;
  }
  let pods: LabMessage["pods"] | undefined;
  const sandbox = startSandbox({
    script: innerScript(),
    args: [JSON.stringify({ paths, options })],
    onMessage: (message) => {
      pods = (message as LabMessage).pods;
    },
  });
  const control = await startControl(() => {
    const inner = sandbox.innerPid();
    return inner === undefined || pods === undefined ? undefined : { inner, pods };
  });
  try {
    return await sandboxEnd(sandbox);
  } finally {
    await control.close();
  }
}

/** The inner part: beside this file in the sources, beside the bundle in a build. */
function innerScript(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./lab-inner.ts" : "./lab-inner.js", here));
}
