import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { credentialsOf } from "./credentials.ts";
import { inClusterContext } from "./in-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-account-"));

it("finds the API server as a pod does, and follows the token", async () => {
  writeFileSync(join(folder, "ca.crt"), "the authority");
  writeFileSync(join(folder, "token"), "one\n");
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  const context = (await inClusterContext(env, folder))!;
  expect(context.server).toBe("https://[fd00::1]:443");
  expect(context.tls.authority).toBe("the authority");

  let now = 0;
  const credentials = credentialsOf(context, () => now);
  const token = async (): Promise<unknown> => (await credentials.current()).headers.authorization;
  expect(await token()).toBe("Bearer one");
  writeFileSync(join(folder, "token"), "two\n");
  now = 59_000;
  expect(await token()).toBe("Bearer one");
  now = 61_000;
  expect(await token()).toBe("Bearer two");
  // Refused, it is read anew at once.
  writeFileSync(join(folder, "token"), "three\n");
  expect(credentials.refused(await credentials.current())).toBe(true);
  expect(await token()).toBe("Bearer three");
  rmSync(folder, { recursive: true });
});

it("is nothing outside of a cluster", async () => {
  expect(await inClusterContext({}, folder)).toBeUndefined();
});
