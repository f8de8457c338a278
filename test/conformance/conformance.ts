import { type ConformanceCase, casesOf } from "./cases.ts";
import { readSuite } from "./suite.ts";
import { findSuiteFile } from "./suite-file.ts";

export type { ConformanceCase } from "./cases.ts";

/** Why the suite cannot be run here; undefined where it can. */
export function conformanceSkipReason(): string | undefined {
  const file = findSuiteFile();
  return "missing" in file ? file.missing : undefined;
}

/**
 * The 301 assertions of the ClusterNetworkPolicy v1alpha2 conformance suite, in order.
 * @throws Error where `conformanceSkipReason` has one, and when the file is not what it should be.
 */
export function conformanceCases(): ConformanceCase[] {
  const file = findSuiteFile();
  if ("missing" in file) {
    throw new Error(file.missing);
  }
  return casesOf(readSuite(file.path));
}
