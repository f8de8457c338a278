/** How a node enforces, whatever the policies say. */
export interface EnforcementConfig {
  /** `drop`: denied packets get no answer. `reject`: TCP gets a reset, all else ICMP "administratively prohibited". */
  readonly deny: "drop" | "reject";
  /** Nothing is denied on the whole node: what would be is logged, and passes. */
  readonly audit: boolean;
  /** Which connections are logged to the NFLOG group. */
  readonly flows: "none" | "denied" | "all";
  /** An address of the node's pod range that is no known pod's is closed, both ways. */
  readonly closedAtBirth: boolean;
  /** NFLOG group of the flow log, 0-65535. */
  readonly logGroup: number;
}

export const DEFAULT_ENFORCEMENT: EnforcementConfig = {
  deny: "drop",
  audit: false,
  flows: "denied",
  closedAtBirth: true,
  logGroup: 86,
};
