import type { Program } from "../../src/dataplane/program/program.ts";
import { CLIENT_ADDRESS, SERVER_ADDRESS, SERVER_PORTS } from "./measured-cluster.ts";

/** A table that only tracks connections: what everything is compared with. */
export const TRACKING_ONLY: string = nftTable(["accept"]);

/** How many rules a packet has to be asked for in {@link LINEAR}. */
export const LINEAR_RULES = 2000;

/** A table as others write them, one rule after the other; a benchmark that does not see it measures nothing. */
export const LINEAR: string = nftTable([
  ...Array.from(
    { length: LINEAR_RULES },
    (_, i) => `ip saddr 10.99.${i >>> 8}.${i & 255} ip daddr ${SERVER_ADDRESS} tcp dport 1 drop`,
  ),
  "accept",
]);

function nftTable(rules: readonly string[]): string {
  const forward = [
    "type filter hook forward priority filter; policy accept;",
    "ct state established,related accept",
    ...rules,
  ];
  return `table inet tracking {\n\tchain forward {\n${forward.map((rule) => `\t\t${rule}\n`).join("")}\t}\n}\n`;
}

/** What one of the measured pods' chains makes a packet meet. */
export interface ChainFacts {
  readonly chain: string;
  readonly rules: number;
  /** Addresses in the sets that the rules name. */
  readonly elements: number;
}

/** The chains that judge a packet from the client to the server. Throws if a pod is not judged. */
export function judgingChains(program: Program): readonly [egress: ChainFacts, ingress: ChainFacts] {
  return [
    chainFacts(program, chainOf(program, "egress4", CLIENT_ADDRESS)),
    chainFacts(program, chainOf(program, "ingress4", SERVER_ADDRESS)),
  ];
}

function chainOf(program: Program, map: string, address: string): string {
  const chain = /^goto (\S+)$/.exec(program.sets.get(map)?.elements.get(address) ?? "")?.[1];
  if (chain === undefined) throw new Error(`no chain judges ${address} (map ${map})`);
  return chain;
}

/** The chains that judge a new connection to the measured port: that of the pod, and one to which a map leads from it. */
export function chainsOfConnections(program: Program, chain: string): string[] {
  const ofPort = `tcp${SERVER_PORTS.connections}_${chain}`;
  return program.chains.has(ofPort) ? [chain, ofPort] : [chain];
}

function chainFacts(program: Program, chain: string): ChainFacts {
  const rules = chainsOfConnections(program, chain).flatMap((each) => program.chains.get(each)!.rules);
  const sets = new Set(rules.flatMap((rule) => [...rule.matchAll(/@(\S+)/g)].map((match) => match[1]!)));
  let elements = 0;
  for (const set of sets) elements += program.sets.get(set)?.elements.size ?? 0;
  return { chain, rules: rules.length, elements };
}

/** All elements of all sets of a program. */
export function elementCount(program: Program): number {
  let count = 0;
  for (const set of program.sets.values()) count += set.elements.size;
  return count;
}

/** Packets that the rules of a chain with a verdict of their own let pass, in the words of `nft list chain`. */
export function passedPackets(listing: string): number {
  let packets = 0;
  for (const match of listing.matchAll(/counter packets (\d+) bytes \d+ (?:accept|goto ingress)\b/g)) {
    packets += Number(match[1]);
  }
  return packets;
}
