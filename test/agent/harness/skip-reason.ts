import { findApiServer } from "../../apiserver/binaries.ts";
import { kernelSkipReason } from "../../kernel/kernel-support.ts";

/** Why there can be no agents with packets and a real API server here; undefined if there can. */
export function skipReason(): string | undefined {
  const kernel = kernelSkipReason();
  if (kernel !== undefined) return kernel;
  const found = findApiServer();
  return "reason" in found
    ? `${found.reason}; node scripts/apiserver.mjs builds one (some minutes, with Go)`
    : undefined;
}
