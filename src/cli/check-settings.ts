import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { readSettings } from "../analysis/check/settings/read-settings.ts";
import { type CheckSettings, NO_SETTINGS } from "../analysis/check/settings/settings.ts";
import { findingsText } from "../report/findings-text.ts";
import { styleFor } from "./terminal.ts";
import { BadInput, UsageError } from "./usage-error.ts";

const NAMES = ["podwall.yaml", "podwall.yml"];

/**
 * The settings of the file that `--config` names, or of the `podwall.yaml` of this folder or the nearest one above it,
 * up to the root of the repository; none if there is none. Throws a {@link BadInput} for a file that is wrong.
 */
export function loadSettings(config: string | undefined): CheckSettings {
  const file = config ?? nearestSettings(process.cwd());
  if (file === undefined) return NO_SETTINGS;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--config ${file}: cannot be read: ${(error as Error).message}`);
  }
  const { settings, findings } = readSettings(file, text);
  if (findings.length > 0) process.stderr.write(`${findingsText(findings, styleFor(process.stderr))}\n`);
  if (findings.some(({ severity }) => severity === "error")) {
    throw new BadInput(`${file}: these settings cannot be used; nothing was checked`);
  }
  return settings;
}

function nearestSettings(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const name = NAMES.find((each) => existsSync(join(folder, each)));
    if (name !== undefined) return relative(start, join(folder, name)) || name;
    // Above a repository, settings are somebody else's.
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}
