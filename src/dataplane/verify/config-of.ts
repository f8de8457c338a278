import type { EnforcementConfig } from "../config.ts";
import type { Program } from "../program/program.ts";

/**
 * The configuration that a table was made for, as far as that changes nothing of what passes: how it denies, and what
 * it logs. The rest must be known.
 */
export function configOfTable(
  kernel: Program,
  known: Pick<EnforcementConfig, "audit" | "closedAtBirth">,
): EnforcementConfig {
  let logs: EnforcementConfig["flows"] = "none";
  let logGroup: number | undefined;
  for (const { rules } of kernel.chains.values()) {
    for (const rule of rules) {
      const log = /log prefix "podwall (\w+) \w+" group (\d+)/.exec(rule);
      if (log === null) continue;
      logGroup ??= Number(log[2]);
      if (log[1] === "allow") logs = "all";
      else if (logs === "none") logs = "denied";
    }
  }
  const rejects =
    kernel.chains.get("deny_ingress")?.rules.some((rule) => rule.includes("reject with")) === true;
  return { ...known, deny: rejects ? "reject" : "drop", flows: logs, logGroup: logGroup ?? 86 };
}
