// The address of a node's bridge is in its pod range, and yet no pod's: it is the node's.
import { beforeAll, expect, it } from "vitest";
import type { BridgeAddressRun } from "./bridge-address-script.ts";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const PASSED = new Array(6).fill("passed");
const STOPPED = new Array(6).fill("stopped");

describeKernel("a node's own address in its pod range", () => {
  let run: BridgeAddressRun;
  beforeAll(async () => {
    run = await runKernelScript<BridgeAddressRun>("./bridge-address-script.ts");
  });

  it.each(["open", "closed", "silent", "shut", "admitted", "new"])(
    "reaches the pod %s of the node, as a probe does",
    (name) => {
      expect(run.passages[`bridge -> shop/${name}`]).toEqual(PASSED);
    },
  );

  it.each([
    ["open", PASSED],
    ["closed", PASSED],
    ["silent", STOPPED],
    ["shut", STOPPED],
    ["new", STOPPED],
  ])("is to the pod %s what any address of the node is", (name, passage) => {
    expect(run.passages[`shop/${name} -> node:one`]).toEqual(passage);
    expect(run.passages[`shop/${name} -> bridge`]).toEqual(passage);
  });

  it("is judged where it is sent to, not taken for a pod that is not known yet", () => {
    expect(run.passages["shop/admitted -> bridge"]).toEqual(PASSED);
    expect(run.passages["shop/admitted -> node:one"]).toEqual(STOPPED);
    expect(run.differences).toBe(0);
  });
});
