// Runs in a pod's namespace: PACKETS-A-CALL PAUSE-MILLIS, then pairs SOURCE DESTINATION. Sends new connections, and tells
// how many packets it has sent; ends when told to.
import koffi from "koffi";
import { addressFamily, addressOf, socketAddress } from "../../../src/linux/sockaddr.ts";
import * as sys from "../../../src/linux/syscalls.ts";
import { floodPacket } from "./flood-packets.ts";

const sendmmsg = koffi.load(null).func("int sendmmsg(int, void *, unsigned int, int)") as (
  fd: number,
  messages: Uint8Array,
  count: number,
  flags: number,
) => number;

// struct mmsghdr of 64-bit Linux.
const MESSAGE = 64;
const BATCHES_A_TURN = 16;

interface Stream {
  readonly fd: number;
  readonly packets: readonly ReturnType<typeof floodPacket>[];
  readonly messages: Buffer;
  /** What the messages point to, kept from the garbage collector. */
  readonly held: readonly Buffer[];
}

function openStream(protocol: "TCP" | "UDP", source: string, destination: string, batch: number): Stream {
  const to = addressOf(destination);
  // With the protocol RAW of either family, the IP header is ours too.
  const fd = sys.socket(addressFamily(to.family), sys.SOCK_RAW, sys.IPPROTO_RAW);
  const name = socketAddress(to, 0);
  const packets = Array.from({ length: batch }, () => floodPacket(protocol, addressOf(source), to));
  const messages = Buffer.alloc(MESSAGE * batch);
  const held: Buffer[] = [name];
  for (const [i, { bytes }] of packets.entries()) {
    const vector = Buffer.alloc(16);
    vector.writeBigUInt64LE(koffi.address(bytes), 0);
    vector.writeBigUInt64LE(BigInt(bytes.length), 8);
    held.push(bytes, vector);
    messages.writeBigUInt64LE(koffi.address(name), MESSAGE * i);
    messages.writeUInt32LE(name.length, MESSAGE * i + 8);
    messages.writeBigUInt64LE(koffi.address(vector), MESSAGE * i + 16);
    messages.writeBigUInt64LE(1n, MESSAGE * i + 24);
  }
  return { fd, packets, messages, held };
}

const [batchText, pauseText, ...ends] = process.argv.slice(2) as [string, string, ...string[]];
const batch = Number(batchText);
const pauseMillis = Number(pauseText);
const streams: Stream[] = [];
for (let i = 0; i < ends.length; i += 2) {
  for (const protocol of ["UDP", "TCP"] as const) {
    streams.push(openStream(protocol, ends[i]!, ends[i + 1]!, batch));
  }
}

let sent = 0;
let connection = 0;
let stopped = false;

function turn(): void {
  for (let i = 0; i < (pauseMillis === 0 ? BATCHES_A_TURN : 1); i++) {
    for (const { fd, packets, messages } of streams) {
      for (const packet of packets) {
        connection++;
        // A new pair of ports each time, for four thousand million of them.
        packet.setPorts(1024 + (connection % 64_000), 1 + (Math.floor(connection / 64_000) % 65_535));
      }
      const count = sendmmsg(fd, messages, packets.length, 0);
      if (count > 0) sent += count;
      else if (koffi.errno() !== sys.ENOBUFS) throw new sys.SyscallError("sendmmsg", koffi.errno());
    }
  }
  process.send!({ sent });
  if (stopped) {
    process.disconnect();
    return;
  }
  if (pauseMillis === 0) setImmediate(turn);
  else setTimeout(turn, pauseMillis);
}

process.on("message", () => {
  stopped = true;
});
turn();
