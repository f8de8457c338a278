import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One import of one file: `file` relative to `src/` with forward slashes, `target` as written. */
export interface Import {
  readonly file: string;
  readonly target: string;
}

// Statements of any number of lines; none of them holds a quote or a semicolon before its own module name.
const FORMS: readonly RegExp[] = [
  /^\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\b(?:import|require)\(\s*["']([^"']+)["']/g,
];

/** Every module name that a source text imports, re-exports, imports dynamically or requires. */
export function importTargets(source: string): string[] {
  return FORMS.flatMap((form) => [...source.matchAll(form)].map((match) => match[1]!));
}

/** The imports of every TypeScript file below `directory`, tests and their helpers left out. */
export function readImports(directory: string): Import[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("/testing/"))
    .flatMap((file) =>
      importTargets(readFileSync(join(directory, file), "utf8")).map((target) => ({ file, target })),
    );
}
