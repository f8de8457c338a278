import { describeUnless, skipReason } from "../../src/lab/testing/harness.ts";

/** Tests that send packets; where namespaces cannot be had, one skipped test that says why. */
export function describeKernel(title: string, tests: () => void): void {
  describeUnless(skipReason(), title, tests);
}
