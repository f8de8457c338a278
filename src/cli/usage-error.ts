import { EXIT_BAD_INPUT } from "./exit-code.ts";

/** What the user asked for cannot be done as asked; the message says why and what to do. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** The input was refused; its findings have been printed. */
export class BadInput extends UsageError {
  override readonly name: string = "BadInput";
}

/**
 * Prints why there is no answer, and gives the exit code that says so. What was not foreseen is our own fault and
 * shows where it happened: it must not end with the code that means "denied".
 */
export function reportFailure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`podwall: ${error.message}\n`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`podwall: an error in podwall itself; please report it with the input:\n${text}\n`);
  }
  return EXIT_BAD_INPUT;
}
