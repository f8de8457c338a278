import type { Check } from "./check.ts";
import type { PeerRules } from "./cluster-policy-peer.ts";
import type { FieldPath } from "./location.ts";
import type { ClusterPolicy } from "./objects.ts";
import type { RuleContext } from "./unknown-matcher.ts";

/** What one kind of cluster-wide policy has of its own, so that all are read the same way. */
export interface ClusterPolicyApi<Action extends string, Port> {
  readonly kind: ClusterPolicy["kind"];
  /** The fields of its spec that say when it is judged. */
  readonly order: readonly ("tier" | "priority")[];
  readonly actions: readonly Action[];
  /** What to say of an action that another kind has. */
  readonly otherActions: Readonly<Record<string, string>>;
  /** Most rules a direction, peers a rule and entries of {@link portsField} a rule. */
  readonly maxItems: number;
  readonly peers: PeerRules;
  readonly portsField: "protocols" | "ports";
  readonly portsHelp: string;
  readonly readPort: (check: Check, value: unknown, path: FieldPath, rule: RuleContext) => Port | undefined;
  /** True for an entry that names a port. */
  readonly isNamedPort: (port: Port) => boolean;
}
