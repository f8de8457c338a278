import { type ConnectionDiff, connectionDiff } from "../analysis/diff/connection-diff.ts";
import { diffText } from "../report/diff-text.ts";
import { type DiffInputOptions, loadDiffInput } from "./diff-input.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { styleFor } from "./terminal.ts";

export interface DiffOptions extends DiffInputOptions {
  readonly output: "text" | "json" | "md" | "github";
  readonly failOnOpen?: boolean;
}

/** As many reasons as are shown. */
const EXPLAINED: Readonly<Record<DiffOptions["output"], number>> = {
  text: 300,
  md: 1000,
  github: 300,
  json: 100_000,
};

/** `podwall diff OLD NEW`: what a change of manifests opens and closes. */
export async function diffCommand(paths: readonly string[], options: DiffOptions): Promise<number> {
  const input = await loadDiffInput(paths, options);
  for (const note of input.notes) process.stderr.write(`podwall: ${note}\n`);
  const diff = connectionDiff(input.before, input.after, { explained: EXPLAINED[options.output] });
  process.stdout.write(render(diff, options));
  return options.failOnOpen === true && diff.counts.opens > 0 ? EXIT_NO : EXIT_OK;
}

function render(diff: ConnectionDiff, { output }: DiffOptions): string {
  switch (output) {
    default:
      return diffText(diff, styleFor(process.stdout));
  }
}
