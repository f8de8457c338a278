import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import { UsageError } from "./usage-error.ts";

/** The options of `podwall agent`. */
export interface AgentOptions {
  readonly node?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** A folder; empty: none. */
  readonly state: string;
  /** `ADDRESS:PORT`; empty: nothing listens. */
  readonly listen: string;
  readonly deny: EnforcementConfig["deny"];
  readonly audit?: boolean;
  readonly flows: EnforcementConfig["flows"];
  readonly logFlows?: boolean;
  readonly closedAtBirth: boolean;
  readonly beforeSync: "closed" | "open";
  /** Seconds. */
  readonly verifyEvery: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly cleanup?: boolean;
}

/** What the options say of enforcement. */
export function enforcementOf({ deny, audit, flows, closedAtBirth }: AgentOptions): EnforcementConfig {
  return { ...DEFAULT_ENFORCEMENT, deny, audit: audit === true, flows, closedAtBirth };
}

/** The name of the node as the cluster knows it: of the option, or of the pod's environment. */
export function nodeOf({ node }: AgentOptions, env: NodeJS.ProcessEnv): string {
  const name = node ?? env.NODE_NAME;
  if (name !== undefined && name !== "") return name;
  throw new UsageError(
    "which node is this? Name it with --node, or set NODE_NAME (in a pod by the downward API: fieldRef spec.nodeName)",
  );
}
