// What goes through an open flow without a pause, and what of it arrives.
import { createHash, randomFillSync } from "node:crypto";
import { Socket } from "node:net";
import * as sys from "../../../../src/linux/syscalls.ts";
import { type OpenFlow, pause } from "./flows.ts";

/** What became of a transfer. */
export interface Transferred {
  readonly sent: number;
  readonly received: number;
  /** True if the bytes that arrived are those that were sent, in order. */
  readonly isSame: boolean;
  /** `end` where the receiver saw the end after the sender had finished, `early end` before; or the code of either's error. */
  readonly end: string;
}

export interface RunningTransfer {
  /** Bytes that have arrived until now. */
  received(): number;
  /** Comes with how it ended, see {@link Transferred}. */
  readonly ended: Promise<string>;
  /** Sends no more, and waits until the receiver has seen the end, or either an error. */
  finish(): Promise<Transferred>;
}

const BLOCK_BYTES = 1 << 15;

/** Sends from the client's side again and again. The sockets are the transfer's from now on. */
export function startTransfer({ client, server }: OpenFlow): RunningTransfer {
  const from = new Socket({ fd: client, readable: true, writable: true });
  const to = new Socket({ fd: server, readable: true, writable: true });
  const hashes = { sent: createHash("sha1"), received: createHash("sha1") };
  let [sent, received] = [0, 0];
  let isFinishing = false;
  const ended = new Promise<string>((resolve) => {
    to.on("end", () => resolve(isFinishing ? "end" : "early end"));
    // A receiver that sends nothing may never hear of a cut: each end is told by the answer to a packet of its own.
    for (const end of [from, to]) {
      end.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    }
    to.on("close", () => resolve("close"));
  });
  to.on("data", (data) => {
    hashes.received.update(data);
    received += data.length;
  });
  const drained = (then: () => void): void => {
    from.once("drain", then);
    from.once("close", then);
  };
  // Who does not read hears of no reset either.
  from.resume();
  const sending = (async () => {
    while (!isFinishing && !from.destroyed) {
      const block = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES));
      hashes.sent.update(block);
      sent += block.length;
      if (!from.write(block)) await new Promise<void>(drained);
      // The processor is for the changes, too.
      else await pause(1);
    }
    from.end();
  })();
  return {
    received: () => received,
    ended,
    finish: async () => {
      isFinishing = true;
      await sending;
      const end = await ended;
      from.destroy();
      to.destroy();
      return { sent, received, isSame: hashes.sent.digest("hex") === hashes.received.digest("hex"), end };
    },
  };
}

/** What became of numbered datagrams. */
export interface Counted {
  readonly sent: number;
  /** How many came in the order of their numbers, each right after its predecessor. */
  readonly inOrder: number;
  /** Those that came, of any number. */
  readonly received: number;
  /** Names of errors that sending gave. */
  readonly errors: readonly string[];
}

export interface RunningDatagrams {
  /** How many have arrived until now. */
  received(): number;
  finish(): Promise<Counted>;
}

/** So many at most are on their way: together they are far from filling a socket's buffer. */
const MOST_UNDER_WAY = 32;
/** How long the last ones are waited for, in looks of 10 ms. */
const LAST_LOOKS = 100;

/** Sends numbered datagrams from the client, each once, as fast as the server reads them. */
export function startDatagrams({ client, server }: OpenFlow): RunningDatagrams {
  const message = Buffer.alloc(512);
  const received = Buffer.alloc(2048);
  const errors = new Set<string>();
  const counted = { sent: 0, inOrder: 0, received: 0 };
  let isFinishing = false;
  const take = (): void => {
    while (sys.receive(server, received) > 0) {
      if (received.readUInt32BE(0) === counted.inOrder) counted.inOrder++;
      counted.received++;
    }
  };
  const sending = (async () => {
    while (!isFinishing) {
      // Where more are lost than may be under way, it sends no more: they stay missing.
      while (counted.sent - counted.received < MOST_UNDER_WAY) {
        message.writeUInt32BE(counted.sent++, 0);
        const failed = sys.send(client, message);
        if (failed !== 0) errors.add(sys.errnoName(failed));
      }
      await pause(1);
      take();
    }
  })();
  return {
    received: () => counted.received,
    finish: async () => {
      isFinishing = true;
      await sending;
      for (let look = 0; counted.received < counted.sent && look < LAST_LOOKS; look++) {
        await pause(10);
        take();
      }
      return { ...counted, errors: [...errors] };
    },
  };
}
