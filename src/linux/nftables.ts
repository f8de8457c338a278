import type { Namespace } from "./netns.ts";
import { openNftablesLibrary } from "./nftables-library.ts";
import { openNftablesProgram } from "./nftables-program.ts";

/** How nft took a script. */
export interface NftResult {
  /** False: nothing of the script was applied. */
  readonly ok: boolean;
  readonly output: string;
  /**
   * What nft said about it. Each error begins with `/dev/stdin:LINE:COLUMNS: Error: ` and is followed by that line of
   * the script with the place marked below it. A kernel that refuses a whole transaction has no line.
   */
  readonly errors: string;
}

/** The nftables of one network namespace. Calls are carried out one after another, in the order they were made. */
export interface Nftables {
  /**
   * Applies a script (nft's own language) as one transaction. Interfaces must be named by `iifname`, `oifname`: the
   * numbers that `iif`, `oif` stand for may be looked up in the namespace of the process.
   */
  run(script: string): Promise<NftResult>;
  /**
   * The JSON that a command such as `list table inet podwall` prints (libnftables-json(5)). Protocols are numbers,
   * because their names would depend on /etc/protocols; ports are numbers; other symbols (connection states, ICMP types)
   * are names, built into nft. Rejects with what nft said, as when there is no such table.
   *
   * Shortly after many elements were added, the kernel still grows the hash table of their set, and may list some of
   * them twice (seen) or skip some (possible: it finds its place again by counting). Look twice before a difference is
   * believed.
   */
  listJson(command: string): Promise<string>;
  /**
   * The netlink port id of this object's socket, which the notifications of its transactions carry. Undefined where
   * each call has a socket of its own: with the program.
   */
  readonly portId: number | undefined;
  /** Lets go of everything once the calls already made are done; later ones reject. */
  close(): void;
}

/**
 * Opens nftables in a namespace (undefined: that of this process): libnftables in this process where the system has
 * it, otherwise the program `nft`, which takes some 15 ms a call instead of 1.
 */
export function openNftables(namespace?: Namespace): Nftables {
  return openNftablesLibrary(namespace) ?? openNftablesProgram(namespace);
}
