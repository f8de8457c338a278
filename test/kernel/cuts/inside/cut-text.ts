import type { CutConnection } from "../../../../src/dataplane/connections/connection-cutter.ts";
import { formatAddress } from "../../../../src/net/address.ts";

/** `NODE: PROTOCOL SOURCE > DESTINATION PORT why`; with the source port where that is 10000 or more. */
export function cutText(node: string, cut: CutConnection): string {
  const { protocol, source, sourcePort, destination, destinationPort, because } = cut;
  const from = sourcePort < 10_000 ? "" : ` ${sourcePort}`;
  const ends = `${formatAddress(source)}${from} > ${formatAddress(destination)}`;
  return `${node}: ${protocol} ${ends} ${destinationPort} ${because.kind} ${because.direction}`;
}
