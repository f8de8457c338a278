import { GitError, git } from "./git-command.ts";

/** A repository, seen from a folder in it. */
export interface GitRepository {
  /** Where git is run. */
  readonly folder: string;
  /** The top folder of the working tree. */
  readonly top: string;
  /** The way from there to the folder, such as `deploy/`; empty at the top. */
  readonly prefix: string;
}

/** A commit, and how the user called it. */
export interface GitRevision {
  readonly name: string;
  readonly commit: string;
}

/** The old and the new side of `--git`; without `after` it is the working tree. */
export interface GitRange {
  readonly before: GitRevision;
  readonly after?: GitRevision;
}

/** The repository around a folder. Throws a {@link GitError} where there is none. */
export async function gitRepository(folder: string): Promise<GitRepository> {
  try {
    const lines = (await git(folder, ["rev-parse", "--show-toplevel", "--show-prefix"]))
      .toString("utf8")
      .split("\n");
    return { folder, top: lines[0]!, prefix: lines[1] ?? "" };
  } catch (error) {
    if (error instanceof GitError && /not a git repository/.test(error.message)) {
      throw new GitError(
        `${folder} is in no git repository; go to one, or compare two folders: podwall diff OLD NEW`,
      );
    }
    throw error;
  }
}

/**
 * Resolves `A..B`, `A...B` (from where B left A, as a pull request shows it) or `A` (against the working tree). A side
 * that is left out is HEAD. Throws a {@link GitError} for what git does not know.
 */
export async function gitRange(repository: GitRepository, text: string): Promise<GitRange> {
  const match = /^(.*?)(\.\.\.?)(.*)$/.exec(text);
  if (match === null) return { before: await gitRevision(repository, text) };
  const old = await gitRevision(repository, match[1] === "" ? "HEAD" : match[1]!);
  const after = await gitRevision(repository, match[3] === "" ? "HEAD" : match[3]!);
  if (match[2] === "..") return { before: old, after };
  return { before: await mergeBase(repository, old, after), after };
}

async function gitRevision({ folder }: GitRepository, name: string): Promise<GitRevision> {
  try {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
    const printed = (await git(folder, args)).toString("utf8").trim();
    // Git 2.30 and older print the option that they do not know.
    return { name, commit: printed.split("\n").at(-1)! };
  } catch (error) {
    if (!(error instanceof GitError) || error.code === undefined) throw error;
    throw new GitError(
      `git knows no revision ${name}; in CI, fetch it first, as in: git fetch origin ${name.replace(/^origin\//, "")} (a shallow clone has only its own)`,
    );
  }
}

async function mergeBase(
  { folder }: GitRepository,
  before: GitRevision,
  after: GitRevision,
): Promise<GitRevision> {
  try {
    const commit = (await git(folder, ["merge-base", before.commit, after.commit])).toString("utf8").trim();
    return { name: before.name, commit };
  } catch (error) {
    if (!(error instanceof GitError) || error.code === undefined) throw error;
    throw new GitError(
      `git finds no commit that ${before.name} and ${after.name} have in common; a shallow clone may lack it: fetch more, or write ${before.name}..${after.name}`,
    );
  }
}
