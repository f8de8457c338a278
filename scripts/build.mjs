import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isMain, root, run } from "./run.mjs";
import { ensurePackages } from "./setup.mjs";

const PROGRAMS = [
  // In pieces beside it, as each command needs its own: what is not needed is not parsed at every start.
  { from: "src/cli/main.ts", to: "dist/podwall.js", executable: true, pieces: "podwall-[name]-[hash]" },
  // The processes inside the lab's namespaces: started as scripts of their own, so bundled as such.
  { from: "src/cli/lab-inner.ts", to: "dist/lab-inner.js" },
  // The script of the page that `podwall map -o html` writes: put into the page as it is, so small and without imports.
  { from: "src/report/map-html/page/main.ts", to: "dist/map-page.js", page: true },
  { from: "src/cli/test-inner.ts", to: "dist/test-inner.js" },
  { from: "src/index.ts", to: "dist/index.js", types: true },
];

/** Bundles the programs into dist/. Returns whether that worked; esbuild has printed the errors otherwise. */
export async function build({ types = false } = {}) {
  ensurePackages();
  const { build: bundle } = await import("esbuild");
  const programs = PROGRAMS.filter(({ from }) => existsSync(join(root, from)));
  const built = await Promise.allSettled(programs.map((program) => bundle(bundleOptions(program))));
  const failures = built.filter(({ status }) => status === "rejected");
  for (const { reason } of failures) {
    // A BuildFailure carries what esbuild has printed already.
    if (reason.errors === undefined) throw reason;
  }
  if (failures.length > 0) return false;
  // Pieces come before what imports them, and old ones go last: at any time there is a whole program.
  const files = built.flatMap(({ value }) => value.outputFiles);
  const isPiece = ({ path }) => PIECE.test(basename(path));
  files.filter(isPiece).forEach(writeIfChanged);
  files.filter((file) => !isPiece(file)).forEach(writeIfChanged);
  removeOldPieces(new Set(files.map(({ path }) => basename(path))));
  for (const { to } of programs.filter(({ executable }) => executable)) chmodSync(join(root, to), 0o755);
  return !types || !programs.some((program) => program.types) || emitTypes();
}

const PIECE = /^podwall-.*\.js(\.map)?$/;

function removeOldPieces(current) {
  for (const name of readdirSync(join(root, "dist"))) {
    if (PIECE.test(name) && !current.has(name)) rmSync(join(root, "dist", name));
  }
}

/** Files that are right already stay as they are: somebody may be running them. */
function writeIfChanged({ path, contents }) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

function bundleOptions({ from, to, pieces, page }) {
  if (page) {
    return {
      absWorkingDir: root,
      entryPoints: [from],
      outfile: to,
      bundle: true,
      minify: true,
      charset: "ascii",
      format: "iife",
      platform: "browser",
      target: "es2022",
      write: false,
      logLevel: "warning",
    };
  }
  return {
    absWorkingDir: root,
    ...(pieces === undefined
      ? { entryPoints: [from], outfile: to }
      : {
          entryPoints: { [basename(to, ".js")]: from },
          outdir: dirname(to),
          splitting: true,
          chunkNames: pieces,
        }),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: true,
    write: false,
    logLevel: "warning",
  };
}

/** Writes dist/types/, the declarations of what src/index.ts exports. */
function emitTypes() {
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    rootDir: "../src",
    outDir: "./types",
    // TypeScript looks for these beside the configuration file; dist/ has none above it but the repository's.
    typeRoots: ["../node_modules/@types"],
  };
  mkdirSync(join(root, "dist"), { recursive: true });
  const configuration = join(root, "dist/tsconfig.types.json");
  writeFileSync(
    configuration,
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions, files: ["../src/index.ts"], include: [] }),
  );
  const status = run(process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "--project",
    configuration,
  ]);
  rmSync(configuration);
  return status === 0;
}

if (isMain(import.meta.url)) process.exitCode = (await build({ types: true })) ? 0 : 1;
