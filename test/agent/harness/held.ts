import type { LabNetwork } from "../../../src/lab/network.ts";
import { FAMILIES } from "../../../src/net/address.ts";
import { closeFlow, type OpenFlow, openFlow, sendThrough } from "../../kernel/cuts/inside/flows.ts";
import type { Flow } from "../../kernel/cuts/steps.ts";

/** Connections that stay open, of TCP and UDP, in both families. */
export interface HeldConnections {
  /** What both ends saw of a message that the other sent just now: `TCP IPv4: client data, server data`. */
  look(): Promise<readonly string[]>;
  close(): void;
}

/** What {@link HeldConnections.look} says while nothing is wrong. */
export const FLOWING: readonly string[] = ["TCP", "UDP"].flatMap((protocol) =>
  FAMILIES.map((family) => `${protocol} IPv${family}: client data, server data`),
);

let nextPort = 20_000;

/** Opens them, between ports that nobody else uses; throws where that fails. */
export async function holdConnections(
  network: LabNetwork,
  from: string,
  to: string,
): Promise<HeldConnections> {
  const port = nextPort++;
  const open: OpenFlow[] = [];
  for (const protocol of ["TCP", "UDP"] as const) {
    for (const family of FAMILIES) {
      const name = `${protocol} IPv${family}`;
      const flow: Flow = { name, from, to, protocol, family, port, sourcePort: port + 10_000 };
      const opened = await openFlow(network, flow);
      if (typeof opened === "string") throw new Error(`${from} -> ${to} ${name}: ${opened}`);
      open.push(opened);
    }
  }
  return {
    async look() {
      const seen = await sendThrough(open);
      return open.map(({ flow }, i) => {
        const { client, server } = seen[i]!;
        return `${flow.name}: client ${client}, server ${server}`;
      });
    },
    close() {
      for (const each of open) closeFlow(each);
    },
  };
}
