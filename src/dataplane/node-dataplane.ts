import { type BridgeProblem, bridgeProblem } from "../linux/bridge.ts";
import { netAdminMissing } from "../linux/capabilities.ts";
import { openConntrack } from "../linux/netfilter/conntrack.ts";
import { openNflog } from "../linux/netfilter/nflog.ts";
import { watchNftables } from "../linux/netfilter/nftables-events.ts";
import { openRuleCounters } from "../linux/netfilter/rule-counters.ts";
import type { Namespace } from "../linux/netns.ts";
import { ownAddresses } from "../linux/own-addresses.ts";
import type { Reactor } from "../linux/reactor.ts";
import { isInitialUserNamespace } from "../linux/user-namespace.ts";
import type { Address } from "../net/address.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "./config.ts";
import type { CutConnection } from "./connections/connection-cutter.ts";
import type { EnforcementProblem } from "./enforcement-problem.ts";
import { createEnforcer, type EnforcementReport, type Enforcer } from "./enforcer.ts";
import type { FlowLogEvent } from "./flow-log/event.ts";
import { createFlowLog } from "./flow-log/flow-log.ts";
import { createKernelWatch, type Repair } from "./kernel/kernel-watch.ts";
import { nftablesKernel } from "./kernel/nftables-kernel.ts";
import type { PolicyEngines } from "./policy-engines.ts";
import { TABLE } from "./program/program.ts";
import type { Difference } from "./verify/difference.ts";
import { verifyProgram } from "./verify/verify.ts";

/** What a node has to tell. */
export interface NodeEvents {
  readonly onCut?: (cut: readonly CutConnection[]) => void;
  readonly onProblem?: (problem: EnforcementProblem) => void;
  readonly onRepair?: (repair: Repair) => void;
  readonly onFlow?: (event: FlowLogEvent) => void;
  /** Packets between pods on a bridge of the node pass by the rules; looked for at the start. */
  readonly onBridge?: (problem: BridgeProblem) => void;
  /** What goes wrong when nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

export interface NodeDataplaneOptions extends NodeEvents {
  readonly engines: PolicyEngines;
  readonly node: string;
  /** Where the node's rules are; undefined: the network namespace of this process. */
  readonly namespace?: Namespace;
  readonly reactor: Reactor;
  readonly config?: EnforcementConfig;
  /** Addresses of the node's pod range that are in use by somebody who is no pod. */
  readonly alsoKnown?: readonly Address[];
  /** False: open connections live on, whatever changes. True if left out. */
  readonly cutsConnections?: boolean;
  /** False: what others do to the table stays. True if left out. */
  readonly repairsTable?: boolean;
}

/** Everything that a node does with the kernel: rules, open connections, the flow log, and an eye on the rules. */
export interface NodeDataplane {
  readonly enforcer: Enforcer;
  /** Loads the rules, or takes over those that are there. To be called once, and first. */
  start(): Promise<EnforcementReport>;
  /** Brings the kernel to what the engine says now. */
  enforce(): Promise<EnforcementReport>;
  /** Reads the kernel back and compares it with the engine. Empty: kernel = model. */
  verify(): Promise<Difference[]>;
  /** Stops all of it, when what is under way is done. The rules stay in force. */
  close(): Promise<void>;
}

/**
 * Opens the sockets of a node. Nothing is in force before `start`.
 * @throws Error that says what to do, if this process may not change rules.
 */
export function openNodeDataplane(options: NodeDataplaneOptions): NodeDataplane {
  const { engines, node, namespace, reactor, config = DEFAULT_ENFORCEMENT, onError } = options;
  const missing = netAdminMissing();
  if (missing !== undefined) throw new Error(missing);
  const kernel = nftablesKernel(node, namespace);
  const conntrack = options.cutsConnections === false ? undefined : openConntrack(namespace);
  const enforcer = createEnforcer({
    engines,
    node,
    kernel,
    config,
    ...(conntrack === undefined ? {} : { conntrack }),
    alsoKnown: options.alsoKnown ?? [],
    ownAddresses: () => ownAddresses(namespace),
    mayBeLarge: isInitialUserNamespace(),
    onLateCut: (cut) => options.onCut?.(cut),
    onLateProblem: (problem) => options.onProblem?.(problem),
    onError,
  });
  const watch =
    options.repairsTable === false
      ? undefined
      : watchNftables(
          reactor,
          createKernelWatch({
            enforcer,
            ownPortId: kernel.portId,
            onRepair: (repair) => options.onRepair?.(repair),
            onError,
          }),
          namespace,
          kernel.portId,
        );
  const flows = openFlows(options, config);

  const told = (report: EnforcementReport): EnforcementReport => {
    for (const problem of report.problems) options.onProblem?.(problem);
    if (report.cut.length > 0) options.onCut?.(report.cut);
    return report;
  };

  return {
    enforcer,
    start: async () => {
      const report = told(await enforcer.start());
      const bridge = options.onBridge === undefined ? undefined : bridgeProblem(namespace);
      if (bridge !== undefined) options.onBridge?.(bridge);
      await flows?.ready;
      return report;
    },
    enforce: async () => told(await enforcer.enforce()),
    verify: async () => {
      const { unaudited } = engines;
      return verifyProgram(await kernel.read(), engines.engine, node, {
        expected: enforcer.program(),
        config,
        ...(unaudited === undefined ? {} : { unaudited }),
      });
    },
    close: async () => {
      watch?.close();
      await flows?.close();
      await enforcer.close();
      kernel.close();
      conntrack?.close();
    },
  };
}

/** The flow log with its sources; undefined where nobody asks for it. */
function openFlows(
  { engines, node, namespace, reactor, onFlow, onError }: NodeDataplaneOptions,
  config: EnforcementConfig,
): { readonly ready: Promise<void>; close(): Promise<void> } | undefined {
  if (config.flows === "none" || onFlow === undefined) return undefined;
  const counters = openRuleCounters(namespace);
  const [, table] = TABLE.split(" ") as [string, string];
  const flowLog = createFlowLog({
    engine: () => engines.engine,
    unaudited: () => engines.unaudited,
    node,
    onEvent: onFlow,
    onError,
    deniedPackets: async () =>
      counters.packets(table, "deny_ingress") + counters.packets(table, "deny_egress"),
    countedVerdict: config.audit ? "audited" : "denied",
  });
  const nflog = openNflog(reactor, config.logGroup, (packet) => flowLog.take(packet), namespace);
  return {
    ready: flowLog.ready,
    close: async () => {
      nflog.close();
      await flowLog.close();
      counters.close();
    },
  };
}
