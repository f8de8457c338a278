import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileErrorFinding } from "./file-error.ts";
import { readManifestFiles } from "./read-manifest-files.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "podwall-source-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const file = join(root, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function namesIn(paths: readonly string[]): Promise<string[]> {
  const { sources } = await readManifestFiles(paths);
  return sources.map(({ file }) => file.replace(`${root}/`, ""));
}

describe("readManifestFiles", () => {
  it("reads a folder and what is below it by name, without dot names and node_modules", async () => {
    for (const path of ["b.yaml", "a.yml", "c/d.json", "c/a.YAML", "note.txt", ".hidden.yaml"])
      await put(path, "a: 1");
    for (const path of [".git/x.yaml", "node_modules/p/x.yaml", "..data/x.yaml"]) await put(path, "a: 1");
    expect(await namesIn([root])).toEqual(["a.yml", "b.yaml", "c/a.YAML", "c/d.json"]);
  });

  it("passes over our own files in a folder, and reads them where they are named", async () => {
    for (const path of ["a.yaml", "podwall.yaml", "shop.podwall.yml", "my-podwall.yaml"])
      await put(path, "a: 1");
    expect(await namesIn([root])).toEqual(["a.yaml", "my-podwall.yaml"]);
    expect(await namesIn([join(root, "podwall.yaml")])).toEqual(["podwall.yaml"]);
  });

  it("reads a file that is named, whatever its suffix", async () => {
    const file = await put("policy.txt", "kind: Pod");
    expect(await readManifestFiles([file])).toEqual({ sources: [{ file, text: "kind: Pod" }], findings: [] });
  });

  it("reads a file once, however often it is named", async () => {
    const file = await put("a.yaml", "a: 1");
    await symlink(file, join(root, "link.yaml"));
    expect(await namesIn([file, root, file])).toEqual(["a.yaml"]);
  });

  it("does not take a folder for empty whose files were read before", async () => {
    const file = await put("f/a.yaml", "a: 1");
    expect((await readManifestFiles([file, join(root, "f")])).findings).toEqual([]);
  });

  it("does not run in circles along symbolic links", async () => {
    await put("a/b/x.yaml", "a: 1");
    await symlink(root, join(root, "a/b/up"));
    await symlink(join(root, "a"), join(root, "again"));
    expect(await namesIn([root])).toEqual(["a/b/x.yaml"]);
  });

  it("reads the standard input once", async () => {
    const { sources } = await readManifestFiles(["-", "-"], { stdin: chunks("kind:", " Pod") });
    expect(sources).toEqual([{ file: "-", text: "kind: Pod" }]);
  });

  it("keeps relative names relative", async () => {
    const { sources } = await readManifestFiles(["package.json"]);
    expect(sources[0]?.file).toBe("package.json");
  });

  it("decodes UTF-16 with a byte order mark", async () => {
    const file = await put("a.yaml", Buffer.from("\ufeffkind: Pod", "utf16le"));
    expect((await readManifestFiles([file])).sources[0]?.text).toBe("kind: Pod");
  });

  it("takes a file of 20 MB", async () => {
    const file = await put("big.yaml", "# padding\n".repeat(2_000_000));
    expect((await readManifestFiles([file])).sources[0]?.text.length).toBe(20_000_000);
  });

  it.each<[string, () => Promise<string>, string, string]>([
    ["nothing there", async () => join(root, "nope.yaml"), "path-not-found", ""],
    ["below a file", async () => join(await put("a.yaml", ""), "b.yaml"), "path-not-found", ""],
    ["an address", async () => "https://example.org/a.yaml", "path-not-found", ""],
    ["an empty folder", async () => join(await put("f/readme.md", ""), ".."), "empty-directory", ""],
    ["an archive", async () => put("a.yaml", Buffer.from([0x1f, 0x8b, 8, 0, 0xff])), "not-text", ""],
    ["Latin-1", async () => put("a.yaml", Buffer.from("a: 1\nb: gr\xfcn", "latin1")), "not-text", ":2:6"],
  ])("reports %s", async (_name, path, code, place) => {
    const { sources, findings } = await readManifestFiles([await path()]);
    expect(sources).toEqual([]);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    const { line, column } = findings[0]!.position;
    expect(line === 0 ? "" : `:${line}:${column}`).toBe(place);
    expect(findings[0]!.message).not.toMatch(/E[A-Z]{4,}/);
  });

  it("reports a dead link among manifests and reads the rest", async () => {
    await put("a.yaml", "a: 1");
    await symlink(join(root, "gone"), join(root, "b.yaml"));
    await symlink(join(root, "gone"), join(root, "unrelated"));
    const { sources, findings } = await readManifestFiles([root]);
    expect(sources).toHaveLength(1);
    expect(findings.map(({ code, position }) => [code, position.file])).toEqual([
      ["path-not-found", join(root, "b.yaml")],
    ]);
  });

  it("refuses what is too large, also from a stream", async () => {
    const file = await put("a.yaml", "12345");
    const { findings } = await readManifestFiles([file, "-"], { maxBytes: 4, stdin: chunks("123", "45") });
    expect(findings.map(({ code }) => code)).toEqual(["too-large", "too-large"]);
  });

  it("reports a file that may not be read", async (context) => {
    if (process.getuid?.() === 0) context.skip("root may read every file");
    const file = await put("a.yaml", "a: 1");
    await chmod(file, 0);
    expect((await readManifestFiles([file])).findings[0]?.code).toBe("no-permission");
  });
});

describe("fileErrorFinding", () => {
  it.each([
    ["EACCES", "EACCES: permission denied, open 'x'", "no-permission"],
    ["EPERM", "EPERM: operation not permitted, open 'x'", "no-permission"],
    ["ELOOP", "ELOOP: too many symbolic links, stat 'x'", "path-not-found"],
    ["EMFILE", "EMFILE: too many open files, open 'x'", "unreadable-file"],
    ["EIO", "EIO: i/o error, read", "unreadable-file"],
  ])("puts %s in words", (code, message, expected) => {
    const finding = fileErrorFinding("x", Object.assign(new Error(message), { code }));
    expect(finding.code).toBe(expected);
    expect(finding.message).not.toContain(code);
  });

  it("throws on what is no error of the system", () => {
    expect(() => fileErrorFinding("x", new RangeError("a bug"))).toThrow("a bug");
  });
});
