import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { skipReason } from "../../../src/lab/testing/harness.ts";
import { PLAIN, PLAIN_WITH_NET_ADMIN } from "./rights.ts";

/** Why processes with other rights cannot be had here. */
export function rightsReason(): string | undefined {
  const reason = skipReason();
  if (reason !== undefined) return reason;
  if (process.getuid!() !== 0 || process.env.PODWALL_SANDBOX === "user-namespace") {
    return "only root can start processes with other rights";
  }
  const script = fileURLToPath(new URL("./dataplane-process.ts", import.meta.url));
  for (const { name, setpriv } of [PLAIN, PLAIN_WITH_NET_ADMIN]) {
    const tried = spawnSync("setpriv", [...setpriv, "test", "-r", script], { encoding: "utf8" });
    if (tried.status !== 0) return `${name} cannot read ${script} ${tried.error?.message ?? tried.stderr}`;
  }
  return undefined;
}
