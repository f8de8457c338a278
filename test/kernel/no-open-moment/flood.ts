import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { addressOfFamily } from "../../../src/lab/network.ts";
import { inNamespace } from "../../../src/linux/netns.ts";
import { formatAddress } from "../../../src/net/address.ts";

/** A process that sends first packets of connections without a pause. */
export interface Flood {
  /** Packets that it has sent, at least. */
  readonly sent: number;
  /** Resolves when so many packets were sent in all. */
  reaches(packets: number): Promise<void>;
  /** Ends it, with the number of packets that it has sent. */
  stop(): Promise<number>;
}

/** Packets a system call: few, so that an event loop on the same core gets its turn. */
const BATCH = 64;

/**
 * From one endpoint of the lab to another, in every family that both have: UDP, and SYNs of TCP, in turn. `pauseMillis`
 * is what is between a few packets and the next.
 */
export async function startFlood(
  network: LabNetwork,
  from: string,
  to: string,
  pauseMillis = 0,
): Promise<Flood> {
  const [source, destination] = [network.endpoint(from)!, network.endpoint(to)!];
  const ends = ([4, 6] as const).flatMap((family) => {
    const pair = [addressOfFamily(source, family), addressOfFamily(destination, family)];
    return pair.includes(undefined) ? [] : pair.map((address) => formatAddress(address!));
  });
  const script = fileURLToPath(new URL("./flood-sender.ts", import.meta.url));
  const child: ChildProcess = inNamespace(source.namespace, () =>
    spawn(
      process.execPath,
      [...process.execArgv, script, String(pauseMillis === 0 ? BATCH : 1), String(pauseMillis), ...ends],
      {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      },
    ),
  );
  let sent = 0;
  let wake: () => void = () => undefined;
  child.on("message", (message: { sent: number }) => {
    sent = message.sent;
    wake();
  });
  const ended = once(child, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`the sender ended with ${code}`);
  });
  // Whoever waits for packets, or for the end, is told.
  ended.catch(() => undefined);
  const reaches = async (packets: number): Promise<void> => {
    while (sent < packets) {
      await Promise.race([
        ended.then(() => {
          throw new Error("the sender has ended");
        }),
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      ]);
    }
  };
  await reaches(1);
  return {
    get sent() {
      return sent;
    },
    reaches,
    async stop() {
      child.send({ stop: true });
      await ended;
      return sent;
    },
  };
}
