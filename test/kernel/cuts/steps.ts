import type { EnforcementConfig } from "../../../src/dataplane/config.ts";
import { runKernelScript } from "../run-kernel-script.ts";

/** A connection that stays open from step to step, between sockets that are there for it alone. */
export interface Flow {
  readonly name: string;
  /** Pod, `node:NAME` or external address. */
  readonly from: string;
  readonly to: string;
  /** What the client calls instead of `to`: a service. */
  readonly by?: { readonly address: string; readonly port: number };
  /** ICMP: echo requests of one identifier, the source port, which the server's kernel answers. */
  readonly protocol: "TCP" | "UDP" | "ICMP";
  readonly family: 4 | 6;
  readonly port: number;
  readonly sourcePort: number;
}

/**
 * What became of a message that one end sent. `client` and `server` say what that end saw: `data` that was sent after the
 * step began, `reset`, `end`, or `silence`.
 */
export interface Seen {
  readonly client: string;
  readonly server: string;
}

/** One step of a lab's life. Those with `as` are measured: their answers stand under that name. */
export type Step =
  /** Manifests: the first opens the lab, later ones bring it to another state. */
  | { readonly state: string }
  /** As a later `state`, of which the network notices nothing: a deleted pod goes on sending. */
  | { readonly change: string }
  /** Opens connections, which must succeed. */
  | { readonly open: readonly Flow[] }
  /** Begins so many UDP connections, IPv6, from ports of the first end to port 7000 of the second, where nobody answers. */
  | { readonly begin: number; readonly from: string; readonly to: string }
  /** Opens connections with new sockets; answers `open`, `refused` or `silence` each. Those that are open stay so. */
  | { readonly tryOpen: readonly Flow[]; readonly as: string }
  /** Closes the sockets of flows by the names. */
  | { readonly close: readonly string[] }
  /** Sends through flows; `only` one end does. Answers a {@link Seen} for each as `client X, server Y`. */
  | { readonly send: readonly string[]; readonly only?: "client" | "server"; readonly as: string }
  /** A program in the namespace of an endpoint, which must succeed. */
  | { readonly run: string; readonly argv: readonly string[]; readonly stdin?: string }
  /**
   * Another process takes over from the lab's, perhaps with another configuration: what holds the rules of this node, the
   * only one, is closed and made anew.
   */
  | { readonly restart: string; readonly config?: Partial<EnforcementConfig> }
  /** Waits until a node's table has been repaired so many times since the lab was opened. */
  | { readonly untilRepairs: number }
  /** Answers how many `repairs` there were since the lab was opened. */
  | { readonly repairsAs: string }
  /**
   * Answers what was cut since the last such step: `NODE: FAMILY PROTOCOL SOURCE > DESTINATION PORT why`, sorted;
   * with the source port where that is 10000 or more.
   */
  | { readonly cutsAs: string };

export interface StepsInput {
  readonly externals: readonly string[];
  readonly steps: readonly Step[];
  readonly cutsConnections: boolean;
  readonly config: Partial<EnforcementConfig>;
}

export type Answers = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Takes one lab through the steps. */
export function runCuts(
  steps: readonly Step[],
  options: Partial<Omit<StepsInput, "steps">> = {},
): Promise<Answers> {
  const input: StepsInput = { externals: [], cutsConnections: true, config: {}, ...options, steps };
  return runKernelScript<Answers>("./cuts/steps-script.ts", [], JSON.stringify(input));
}

/** The texts of a cuts step. */
export function cutsIn(answers: Answers, name: string): string[] {
  return Object.keys(answers[name] ?? {});
}
