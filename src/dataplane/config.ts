/** How a node's kernel is to treat packets, beside what the policies say. */
export interface EnforcementConfig {
  /** What becomes of a denied packet: it vanishes, or its sender is told (TCP reset, ICMP prohibited). */
  readonly deny: "drop" | "reject";
  /** True if all policies are in audit mode: what they deny is logged and let through. */
  readonly audit: boolean;
  /** Which flows are reported: none, those that are denied or audited, or those that are allowed as well. */
  readonly flows: "none" | "denied" | "all";
  /** True if addresses of a node's pod range are closed that are no known pod's yet. */
  readonly closedAtBirth: boolean;
  /** The NFLOG group to which flows are reported. */
  readonly logGroup: number;
}

/** What is in force unless somebody asks for something else. */
export const DEFAULT_ENFORCEMENT: EnforcementConfig = {
  deny: "drop",
  audit: false,
  flows: "none",
  closedAtBirth: true,
  logGroup: 86,
};
