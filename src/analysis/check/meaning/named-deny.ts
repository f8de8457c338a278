import type { Policy } from "../../../policy/policy.ts";

/** True for a policy whose name says that it closes: `default-deny`, `deny-all-egress`, `quarantine`. */
export function isNamedDeny({ id }: Policy): boolean {
  return /deny|denied|isolat|block|lockdown|quarantine|closed|no-(in|e)gress/i.test(nameOf(id));
}

function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}
