// Where no namespaces can be had, the lab says so and why, with an exit code of its own.
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { PODWALL, ROOT } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";

// A user namespace that allows one more, and in it an ordinary user who gets no further.
const WITHOUT_NAMESPACES =
  'echo 1 > /proc/sys/user/max_user_namespaces && exec unshare --user --map-user=1000 "$@"';

describeKernel("without root and without user namespaces", () => {
  const run = (...command: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(
      "unshare",
      ["--user", "--map-root-user", "sh", "-c", WITHOUT_NAMESPACES, "sh", process.execPath, ...command],
      { cwd: ROOT, encoding: "utf8" },
    );

  it("podwall lab says what was left out, why, and what to do, and exits with 3", () => {
    const { status, stderr } = run(PODWALL, "lab", "examples/shop");
    expect(stderr).toMatch(/the kernel part was left out: this user may not create namespaces/);
    expect(stderr).toMatch(/run as root/);
    expect(status).toBe(3);
  });

  it("the demo runs the analysis all the same, and exits with 3", () => {
    const { status, stdout, stderr } = run("scripts/demo.mjs");
    expect(stderr).toMatch(/the kernel part was left out/);
    expect(stdout).toMatch(/DENIED +shop\/frontend-0/);
    expect(stdout).toMatch(/\$ podwall map examples\/shop/);
    expect(status).toBe(3);
  });
});
