import { sandboxSupport } from "../../src/lab/sandbox-support.ts";

const support = sandboxSupport();

/** Why packets cannot be sent here; undefined where they can. Tests that need the kernel are skipped with it. */
export const noKernel: string | undefined = support.ok ? undefined : `${support.reason}; ${support.help}`;
