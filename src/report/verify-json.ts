import type { Difference } from "../dataplane/verify/difference.ts";
import type { ComparisonSize } from "../dataplane/verify/verify.ts";

/** The object of `podwall verify -o json`; see schemas/podwall.verify.v1.schema.json. */
export interface VerifyJson {
  readonly schema: "podwall.verify/v1";
  readonly node: string;
  /** True if there is no difference. */
  readonly equal: boolean;
  readonly compared: ComparisonSize;
  readonly differences: readonly VerifyJsonDifference[];
}

export interface VerifyJsonDifference extends Omit<Difference, "family"> {
  readonly family?: "IPv4" | "IPv6";
}

export function verifyJson(
  node: string,
  compared: ComparisonSize,
  differences: readonly Difference[],
): VerifyJson {
  return {
    schema: "podwall.verify/v1",
    node,
    equal: differences.length === 0,
    compared,
    differences: differences.map(({ family, ...rest }) => ({
      ...rest,
      ...(family === undefined ? {} : { family: `IPv${family}` as const }),
    })),
  };
}
