import { posix, relative, resolve, sep } from "node:path";
import type { InputFinding } from "../k8s/finding-codes.ts";
import type { ManifestSource } from "../k8s/manifests.ts";
import { decodeText } from "./decode-text.ts";
import { GitError, git } from "./git-command.ts";
import type { GitRepository, GitRevision } from "./git-revision.ts";
import { isManifest } from "./list-files.ts";

/** The manifests of a revision. */
export interface GitFiles {
  readonly sources: readonly ManifestSource[];
  readonly findings: readonly InputFinding[];
  /** Paths that the revision does not have. */
  readonly missing: readonly string[];
}

interface TreeEntry {
  readonly mode: string;
  readonly id: string;
  /** From the top of the repository. */
  readonly path: string;
}

const SYMLINK = "120000";
const SUBMODULE = "160000";
const MOST_LINKS = 10;

/**
 * Reads the manifests behind paths as a revision has them, chosen as those of folders are: a file of any name, of a
 * folder what is named like a manifest. `nameOf` gives the name to show for a path as the user would write it. Throws a
 * {@link GitError} for paths outside of the repository.
 */
export async function readGitFiles(
  repository: GitRepository,
  revision: GitRevision,
  paths: readonly string[],
  nameOf: (path: string) => string,
): Promise<GitFiles> {
  const findings: InputFinding[] = [];
  const missing: string[] = [];
  const files = new Map<string, string>();
  for (const path of paths) {
    const found = await listTree(repository, revision, pathFromTop(repository, path), findings, 0);
    if (found === undefined) missing.push(path);
    else for (const [name, id] of found) files.set(name, id);
  }
  const names = [...files.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const blobs = await readBlobs(
    repository,
    names.map((name) => files.get(name)!),
  );
  const sources: ManifestSource[] = [];
  for (const [place, path] of names.entries()) {
    const file = nameOf(posix.relative(repository.prefix, path));
    const decoded = decodeText(blobs[place]!);
    if (decoded.text !== undefined) sources.push({ file, text: decoded.text });
    else {
      findings.push({
        code: "not-text",
        severity: "error",
        position: { file, line: decoded.line, column: decoded.column },
        message: decoded.message,
        help: "Manifests are text in UTF-8. Convert the file, or unpack it if it is an archive.",
      });
    }
  }
  return { sources, findings, missing };
}

/** The way from the top of the repository, with slashes; empty for the top itself. */
function pathFromTop({ folder, top, prefix }: GitRepository, path: string): string {
  const fromFolder = relative(folder, resolve(folder, path)).split(sep).join("/");
  const fromTop = posix.normalize(posix.join(prefix, fromFolder));
  if (fromTop.startsWith("../") || fromTop === "..") {
    throw new GitError(`${path} is outside of the repository ${top}`);
  }
  return fromTop === "." ? "" : fromTop.replace(/\/$/, "");
}

/** Path to blob of the manifests at or below a path; undefined if there is no such path. */
async function listTree(
  repository: GitRepository,
  revision: GitRevision,
  path: string,
  findings: InputFinding[],
  links: number,
): Promise<ReadonlyMap<string, string> | undefined> {
  const entries = await treeEntries(repository, revision, path);
  if (entries.length === 0 && path !== "") return undefined;
  const files = new Map<string, string>();
  for (const entry of entries) {
    const isNamed = entry.path === path;
    const inside = isNamed ? [] : entry.path.slice(path === "" ? 0 : path.length + 1).split("/");
    if (inside.some((name) => name.startsWith(".") || name === "node_modules")) continue;
    if (entry.mode === SYMLINK) {
      const linked = await behindLink(repository, revision, entry, findings, links);
      const isManifestLink = isNamed || isManifest(inside.at(-1)!);
      for (const [target, id] of linked ?? []) {
        // A link to a file counts by its own name, one to a folder by the names in there.
        if (linked!.size > 1 || isManifestLink || isManifest(posix.basename(target))) files.set(target, id);
      }
      if (linked === undefined && isManifestLink) findings.push(deadLink(revision, entry));
    } else if (entry.mode === SUBMODULE) {
      findings.push(unreadSubmodule(revision, entry));
    } else if (isNamed || isManifest(inside.at(-1)!)) {
      files.set(entry.path, entry.id);
    }
  }
  return files;
}

async function treeEntries(
  { folder }: GitRepository,
  { commit }: GitRevision,
  path: string,
): Promise<TreeEntry[]> {
  const args = ["ls-tree", "-r", "-z", "--full-tree", commit, ...(path === "" ? [] : ["--", path])];
  const printed = (await git(folder, args)).toString("utf8");
  return printed
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode, , id] = line.slice(0, tab).split(" ");
      return { mode: mode!, id: id!, path: line.slice(tab + 1) };
    });
}

async function behindLink(
  repository: GitRepository,
  revision: GitRevision,
  { id, path }: TreeEntry,
  findings: InputFinding[],
  links: number,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (links >= MOST_LINKS) return undefined;
  const [target] = await readBlobs(repository, [id]);
  const to = posix.normalize(posix.join(posix.dirname(path), target!.toString("utf8")));
  // What it points to outside of the repository is not part of the revision.
  if (to.startsWith("../") || to.startsWith("/")) return undefined;
  return listTree(repository, revision, to === "." ? "" : to, findings, links + 1);
}

function deadLink(revision: GitRevision, { path }: TreeEntry): InputFinding {
  return {
    code: "path-not-found",
    severity: "error",
    position: { file: `${revision.name}:${path}`, line: 0, column: 0 },
    message: "The link leads to nothing in this revision.",
    help: "Remove the link, or let it point to a file of the repository.",
  };
}

function unreadSubmodule(revision: GitRevision, { path }: TreeEntry): InputFinding {
  return {
    code: "unreadable-file",
    severity: "warning",
    position: { file: `${revision.name}:${path}`, line: 0, column: 0 },
    message: "This is a submodule; its files are not part of the revision, and were not read.",
  };
}

/** The contents of blobs, in their order. */
async function readBlobs({ folder }: GitRepository, ids: readonly string[]): Promise<Buffer[]> {
  if (ids.length === 0) return [];
  const printed = await git(folder, ["cat-file", "--batch"], `${ids.join("\n")}\n`);
  const blobs: Buffer[] = [];
  let at = 0;
  for (const id of ids) {
    // `ID blob SIZE`, the bytes, and a line break.
    const end = printed.indexOf(10, at);
    const size = Number(printed.subarray(at, end).toString("utf8").split(" ")[2]);
    if (end < 0 || !Number.isInteger(size)) throw new GitError(`git cannot read the object ${id}`);
    blobs.push(printed.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return blobs;
}
