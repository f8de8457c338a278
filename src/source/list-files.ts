import { readdir, stat } from "node:fs/promises";
import type { InputFinding } from "../k8s/finding-codes.ts";
import { fileErrorFinding } from "./file-error.ts";

/** A file to read, named as it is to be shown. `-` is the standard input. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
}

/** The files behind some paths, in the order in which they are to be read. */
export interface ListedFiles {
  readonly files: readonly ListedFile[];
  readonly findings: readonly InputFinding[];
}

/** The path that means the standard input. */
export const STDIN = "-";

const MANIFEST = /\.(?:ya?ml|json)$/i;

/** Which files of a folder are asked for: manifests, or the assertions that lie beside them. */
export type FileKind = "manifests" | "assertions";

/** Our own files that lie beside manifests: the settings of `podwall check`, and assertions for `podwall test`. */
const OWN_FILE = /(?:^|\.)podwall\.ya?ml$/i;

const ASSERTIONS = /[^/]\.podwall\.ya?ml$/i;

/** True for the name or path of a file of assertions, `*.podwall.yaml`. */
export function isAssertionFile(path: string): boolean {
  return ASSERTIONS.test(path);
}

interface Listing {
  readonly isWanted: (name: string) => boolean;
  readonly files: ListedFile[];
  readonly findings: InputFinding[];
  /** Files and folders that were met, by device and inode: each is read once, however often it is named. */
  readonly seen: Set<string>;
  /** How many manifests and faults were met so far, those that were seen before included. */
  met: number;
}

/**
 * Lists the manifests behind paths: a file of any name, all `*.yaml`, `*.yml` and `*.json` of a folder and its
 * folders (by name; without `node_modules`, names that begin with a dot, and `podwall.yaml` and `*.podwall.yaml`), `-`
 * for the standard input. Symbolic links are followed, loops are not. Of assertions, all `*.podwall.yaml` and
 * `*.podwall.yml` of a folder and among the files; a folder that has none is no fault.
 */
export async function listFiles(
  paths: readonly string[],
  kind: FileKind = "manifests",
): Promise<ListedFiles> {
  const isWanted = kind === "manifests" ? isManifest : isAssertionFile;
  const listing: Listing = { isWanted, files: [], findings: [], seen: new Set(), met: 0 };
  for (const path of paths) {
    if (path === STDIN) {
      if (kind === "manifests" && isNew(listing, STDIN)) listing.files.push({ path, size: 0 });
    } else {
      await listPath(listing, path);
    }
  }
  return listing;
}

function isNew(listing: Listing, id: string): boolean {
  if (listing.seen.has(id)) return false;
  listing.seen.add(id);
  return true;
}

async function listPath(listing: Listing, path: string): Promise<void> {
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) {
      const before = listing.met;
      const id = `${facts.dev}:${facts.ino}`;
      if (listing.seen.has(id)) return;
      await listFolder(listing, path, id);
      if (listing.met === before && listing.isWanted === isManifest) reportEmpty(listing, path);
    } else if (
      (listing.isWanted === isManifest || isAssertionFile(path)) &&
      isNew(listing, `${facts.dev}:${facts.ino}`)
    ) {
      listing.files.push({ path, size: facts.size });
    }
  } catch (error) {
    listing.findings.push(fileErrorFinding(path, error));
  }
}

function reportEmpty(listing: Listing, path: string): void {
  listing.findings.push({
    code: "empty-directory",
    severity: "error",
    position: { file: path, line: 0, column: 0 },
    message: "The folder holds no manifest.",
    help: "Manifests end in .yaml, .yml or .json; name a file of another kind itself.",
  });
}

async function listFolder(listing: Listing, folder: string, id: string): Promise<void> {
  if (!isNew(listing, id)) return;
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => entry.name).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (const name of names) {
    if (name.startsWith(".") || name === "node_modules") continue;
    await listEntry(listing, pathIn(folder, name), name);
  }
}

/** As people write it: nothing before the names of this folder. */
function pathIn(folder: string, name: string): string {
  if (folder === ".") return name;
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

async function listEntry(listing: Listing, path: string, name: string): Promise<void> {
  try {
    const facts = await stat(path);
    const id = `${facts.dev}:${facts.ino}`;
    if (facts.isDirectory()) await listFolder(listing, path, id);
    else if (facts.isFile() && listing.isWanted(name)) {
      listing.met++;
      if (isNew(listing, id)) listing.files.push({ path, size: facts.size });
    }
  } catch (error) {
    // A dead link that is no manifest by its name is none of our business.
    if (!listing.isWanted(name) && isMissing(error)) return;
    listing.met++;
    listing.findings.push(fileErrorFinding(path, error));
  }
}

/** True of the names that a folder is searched for. */
export function isManifest(name: string): boolean {
  return MANIFEST.test(name) && !OWN_FILE.test(name);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP");
}
