import { LabControlError } from "../lab/control.ts";
import { execInPod } from "../lab/exec.ts";
import { UsageError } from "./usage-error.ts";

/** `podwall lab exec POD -- COMMAND`: resolves to the command's own exit code. */
export async function labExecCommand(
  pod: string,
  command: readonly string[],
  options: { readonly lab?: number },
): Promise<number> {
  try {
    // What stands before the command is ours; a `--` between the two belongs to neither.
    return await execInPod(pod, command[0] === "--" ? command.slice(1) : command, options);
  } catch (error) {
    throw error instanceof LabControlError ? new UsageError(error.message) : error;
  }
}
