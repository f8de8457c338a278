import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GitError, git } from "./git-command.ts";
import { type GitFiles, readGitFiles } from "./git-files.ts";
import { gitRange, gitRepository } from "./git-revision.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "podwall-git-")));
afterAll(() => rmSync(top, { recursive: true }));

const run = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
    cwd: top,
    encoding: "utf8",
  });

beforeAll(() => {
  const files = {
    "deploy/b.yaml": "b: 1\n",
    "deploy/a.yml": "a: 1\n",
    "deploy/deep/ä ö.json": "{}",
    "deploy/empty.yaml": "",
    "deploy/notes.txt": "no",
    "deploy/.git-like/x.yaml": "no",
    "deploy/node_modules/x.yaml": "no",
    "deploy/x.podwall.yaml": "no",
    "shared/base.yaml": "base: 1\n",
    "shared/binary.yaml": Buffer.from([0xff, 0x00, 0xfe]),
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(top, file, ".."), { recursive: true });
    writeFileSync(join(top, file), text);
  }
  symlinkSync("../shared/base.yaml", join(top, "deploy/linked.yaml"));
  symlinkSync("shared", join(top, "linked-folder"));
  symlinkSync("loop.yaml", join(top, "deploy/loop.yaml"));
  run("init", "-q", "-b", "main");
  run("add", "-A", "-f");
  run("commit", "-q", "-m", "first");
});

async function read(paths: readonly string[], folder: string = top): Promise<GitFiles> {
  const repository = await gitRepository(folder);
  const { before } = await gitRange(repository, "main");
  return readGitFiles(repository, before, paths, (path) => `main:${path}`);
}

describe("the files of a revision", () => {
  it("are those that a folder is searched for, links followed, with their contents", async () => {
    const { sources, findings, missing } = await read(["deploy"]);
    expect(sources).toEqual([
      { file: "main:deploy/a.yml", text: "a: 1\n" },
      { file: "main:deploy/b.yaml", text: "b: 1\n" },
      { file: "main:deploy/deep/ä ö.json", text: "{}" },
      { file: "main:deploy/empty.yaml", text: "" },
      { file: "main:shared/base.yaml", text: "base: 1\n" },
    ]);
    expect(missing).toEqual([]);
    expect(findings).toMatchObject([{ code: "path-not-found", position: { file: "main:deploy/loop.yaml" } }]);
  });

  it("are named as seen from the folder, wherever that is", async () => {
    const { sources } = await read(["b.yaml", "../shared/base.yaml"], join(top, "deploy"));
    expect(sources.map(({ file }) => file)).toEqual(["main:b.yaml", "main:../shared/base.yaml"]);
  });

  it("may have any name if they are named themselves", async () => {
    const { sources } = await read(["deploy/notes.txt", "deploy/x.podwall.yaml"]);
    expect(sources.map(({ text }) => text)).toEqual(["no", "no"]);
  });

  it("are missing where the revision has no such path", async () => {
    expect(await read(["nowhere", "deploy/b.yaml"])).toMatchObject({ missing: ["nowhere"], sources: [{}] });
  });

  it("that are no text are told", async () => {
    const { findings } = await read(["linked-folder"]);
    expect(findings).toMatchObject([{ code: "not-text", position: { file: "main:shared/binary.yaml" } }]);
  });

  it("are not looked for outside of the repository", async () => {
    await expect(read(["../elsewhere"])).rejects.toThrow(GitError);
  });
});

it("gives the words of git for what fails", async () => {
  await expect(git(top, ["cat-file", "-e", "main:nowhere"])).rejects.toMatchObject({
    name: "GitError",
    code: 128,
    message: expect.stringContaining("nowhere") as string,
  });
});

it("takes a side that is left out for HEAD, and none for the working tree", async () => {
  const repository = await gitRepository(top);
  const head = run("rev-parse", "HEAD").trim();
  expect(await gitRange(repository, "main")).toEqual({ before: { name: "main", commit: head } });
  for (const text of ["main..", "..main", "main...main"]) {
    expect((await gitRange(repository, text)).after?.commit, text).toBe(head);
  }
  await expect(gitRange(repository, "--help")).rejects.toThrow("git knows no revision --help");
});
