import { describeUnless, skipReason } from "../../src/lab/testing/harness.ts";

/**
 * Tests that send packets; where namespaces cannot be had, one skipped test that says why. With PODWALL_KERNEL_REQUIRED
 * they are an error there: a run that is there for them must not pass without them.
 */
export function describeKernel(title: string, tests: () => void): void {
  describeUnless(kernelSkipReason(), title, tests);
}

/** Why {@link describeKernel} skips; throws where it must not. */
export function kernelSkipReason(): string | undefined {
  const reason = skipReason();
  if (reason !== undefined && process.env.PODWALL_KERNEL_REQUIRED !== undefined) throw new Error(reason);
  return reason;
}
