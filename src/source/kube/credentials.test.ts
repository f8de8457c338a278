import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { KubeContext, KubeUser } from "./context.ts";
import { credentialsOf } from "./credentials.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "podwall-credentials-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function contextOf(user: Partial<KubeUser>): KubeContext {
  return {
    name: "prod",
    file: "config",
    server: "https://prod",
    tls: { insecure: false },
    user: { name: "me", ...user },
  };
}

/** A plugin that gives `token-N` the N-th time; it fails as long as there is a file `broken`. */
function plugin(expires?: string): KubeUser["exec"] {
  const command = join(folder, "plugin");
  const status = `\\"token\\":\\"token-$n\\"${expires === undefined ? "" : `,\\"expirationTimestamp\\":\\"${expires}\\"`}`;
  writeFileSync(
    command,
    `#!/bin/sh
echo run >> ${folder}/runs
test -e ${folder}/broken && exit 1
n=$(wc -l < ${folder}/runs | tr -d ' ')
echo "{\\"kind\\":\\"ExecCredential\\",\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"status\\":{${status}}}"
`,
  );
  chmodSync(command, 0o755);
  return {
    command,
    args: [],
    env: {},
    apiVersion: "client.authentication.k8s.io/v1",
    provideClusterInfo: false,
    interactiveMode: "Never",
  };
}
const runs = (): number => readFileSync(join(folder, "runs"), "utf8").trim().split("\n").length;

it("run a plugin once for all who wait, and again when what it gave has aged", async () => {
  let now = Date.parse("2030-01-01T00:00:00Z");
  const { current } = credentialsOf(contextOf({ exec: plugin("2030-01-01T01:00:00Z")! }), () => now);
  const tokens = async (): Promise<unknown[]> =>
    (await Promise.all([1, 2, 3].map(current))).map(({ headers }) => headers.authorization);
  expect(await tokens()).toEqual(Array(3).fill("Bearer token-1"));
  now += 3_595_000;
  expect(await tokens()).toEqual(Array(3).fill("Bearer token-2"));
  expect(runs()).toBe(2);
});

it("are thrown away once if several requests were refused with them", async () => {
  const { current, refused } = credentialsOf(contextOf({ exec: plugin()! }));
  const old = await current();
  expect(refused(old)).toBe(true);
  const fresh = await current();
  expect(fresh.headers.authorization).toBe("Bearer token-2");
  expect(refused(old)).toBe(true);
  expect(await current()).toEqual(fresh);
  expect(runs()).toBe(2);
});

it("are asked for again after a plugin has failed", async () => {
  const { current } = credentialsOf(contextOf({ exec: plugin()! }));
  writeFileSync(join(folder, "broken"), "");
  await expect(current()).rejects.toMatchObject({ code: "credentials" });
  rmSync(join(folder, "broken"));
  expect((await current()).headers.authorization).toBe("Bearer token-2");
});

it("are read anew from a file after a refusal, or a minute", async () => {
  let now = 0;
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "one\n");
  const { current, refused } = credentialsOf(contextOf({ tokenFile }), () => now);
  const first = await current();
  writeFileSync(tokenFile, "two\n");
  expect(await current()).toEqual(first);
  expect(refused(first)).toBe(true);
  expect((await current()).headers.authorization).toBe("Bearer two");
  writeFileSync(tokenFile, "three\n");
  now += 61_000;
  expect((await current()).headers.authorization).toBe("Bearer three");
});

it("that cannot change are not tried again", async () => {
  const { current, refused } = credentialsOf(contextOf({ token: "only" }));
  expect(refused(await current())).toBe(false);
});
