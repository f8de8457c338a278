import { runKernelScript } from "../run-kernel-script.ts";

/** A packet of our own making, and where to look for it. */
export interface Shot {
  readonly name: string;
  /** Endpoint that sends: a pod, `node:NAME`, an external address. */
  readonly from: string;
  /** Endpoint at which a raw socket waits, behind all rules of that namespace. */
  readonly at: string;
  /** Looks at what comes over the wire instead: a raw socket knows no fragments, only what they make together. */
  readonly onWire?: boolean;
  readonly family: 4 | 6;
  /** Number of the protocol that arrives. */
  readonly protocol: number;
  /** IP packets with their headers, base64, sent in this order. */
  readonly packets: readonly string[];
  /** What the arriving packet contains and no other does. */
  readonly marker: string;
}

/** A UDP datagram from a socket, which the receiver sends back. */
export interface Datagram {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly bytes: number;
}

/** One TCP connection that carries so many bytes, to a port on which nobody else listens. */
export interface Transfer {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly bytes: number;
}

/** One step of a lab's life. Those with `as` are measured: their answers stand under that name. */
export type Step =
  /** Manifests: the first opens the lab, later ones bring it to another state. */
  | { readonly state: string }
  /** A program in the namespace of an endpoint. Answers code, stdout and stderr; without `as` it must succeed. */
  | {
      readonly run: string;
      readonly argv: readonly string[];
      readonly stdin?: string | undefined;
      readonly as?: string;
    }
  /**
   * Loads beside our table one that is the same but for what `pattern` finds in its text: a packet then has to pass
   * both. Nobody repairs it, as it is not ours. Answers how often the pattern was found.
   */
  | {
      readonly copyTable: string;
      readonly name: string;
      readonly pattern: string;
      readonly replacement: string;
      readonly as: string;
    }
  /** `FROM -> TO PROTOCOL [PORT]`, ends being endpoints or addresses, in each family that both have. Answers a Passage each. */
  | { readonly probes: readonly string[]; readonly as: string }
  /** Answers "passed" or "stopped" for each name. */
  | { readonly shots: readonly Shot[]; readonly as: string }
  | { readonly datagrams: readonly Datagram[]; readonly as: string }
  /** What {@link bridgeProblem} says of a node: code and families, or nothing. */
  | { readonly bridgesOf: string; readonly as: string }
  /**
   * Brings the lab to these states one after the other; answers what of nftables the kernel said was changed at an endpoint
   * meanwhile: the tables as `FAMILY NAME`, and the number of transactions about each.
   */
  | { readonly watch: string; readonly states: readonly string[]; readonly as: string }
  /** Loads the rules of a node, as `--show-rules` prints them, at another endpoint. Answers these rules. */
  | { readonly rulesOf: string; readonly loadAt: string; readonly as: string }
  /** Ends the lab, but keeps the namespace of an endpoint, and runs a program in it. No step may follow. */
  | { readonly closeAround: string; readonly argv: readonly string[]; readonly as: string }
  /** Answers how many bytes of each arrived in time. */
  | { readonly transfers: readonly Transfer[]; readonly as: string };

/** `refused`: it arrived, and nobody listens there. With `IPv4` and `IPv6` where the families differ. */
export type Passage = "passed" | "refused" | "stopped" | "no common family" | `IPv4 ${string}`;

export interface StepsInput {
  readonly externals: readonly string[];
  readonly steps: readonly Step[];
}

/** What the measured steps found, by the name of the step. */
export type Answers = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Takes one lab through the steps. */
export function runAround(steps: readonly Step[], externals: readonly string[] = []): Promise<Answers> {
  const input: StepsInput = { externals, steps };
  return runKernelScript<Answers>("./around/steps-script.ts", [], JSON.stringify(input));
}

/** The texts of a measured step that have this passage. */
export function having(passage: Passage, answer: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(answer ?? {})
    .filter(([, each]) => each === passage)
    .map(([text]) => text);
}
