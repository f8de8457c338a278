import type { PolicyVersion, PolicyVersionChange } from "../source/kube/policy-version.ts";

/** Which version of each policy was seen last, and which one is in force. */
export interface PolicyLedger {
  see(changes: readonly PolicyVersionChange[]): void;
  /** All that was seen is in force, but for these policies, whose rules the kernel would not take. */
  enforce(refused: ReadonlySet<string>): void;
  entry(policy: string): LedgerEntry | undefined;
  entries(): Iterable<readonly [policy: string, entry: LedgerEntry]>;
}

export interface LedgerEntry {
  readonly seen?: PolicyVersion;
  readonly enforced?: PolicyVersion;
}

export function createPolicyLedger(): PolicyLedger {
  const entries = new Map<string, LedgerEntry>();
  /** Policies of which another version was seen than is in force. */
  const behind = new Set<string>();
  return {
    see: (changes) => {
      for (const { policy, version } of changes) {
        const enforced = entries.get(policy)?.enforced;
        if (version === undefined && enforced === undefined) {
          entries.delete(policy);
          behind.delete(policy);
          continue;
        }
        entries.set(policy, {
          ...(version === undefined ? {} : { seen: version }),
          ...(enforced === undefined ? {} : { enforced }),
        });
        behind.add(policy);
      }
    },
    enforce: (refused) => {
      for (const policy of behind) {
        const seen = entries.get(policy)?.seen;
        if (seen === undefined) entries.delete(policy);
        else if (refused.has(policy)) continue;
        else entries.set(policy, { seen, enforced: seen });
        behind.delete(policy);
      }
    },
    entry: (policy) => entries.get(policy),
    entries: () => entries,
  };
}
