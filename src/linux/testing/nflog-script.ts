// Runs inside the sandbox: packets that log rules met in a namespace.
import { setTimeout as sleep } from "node:timers/promises";
import { runInSandbox } from "../../lab/sandbox-inner.ts";
import { type LoggedPacket, openNflog } from "../netfilter/nflog.ts";
import { openNftables } from "../nftables.ts";
import { createReactor } from "../reactor.ts";
import { addressOf, socketAddress } from "../sockaddr.ts";
import * as sys from "../syscalls.ts";
import { boundSocket, createLoopback, sendOne } from "./loopback.ts";

const RULES = `
add table inet t
add chain inet t out { type filter hook output priority filter; }
add rule inet t out udp dport 53 log prefix "asked out" group 86 snaplen 256
add rule inet t out udp dport 55 log group 86 drop
add rule inet t out udp dport 99 log prefix "flood" group 86 drop
add chain inet t in { type filter hook input priority filter; }
add rule inet t in udp dport 53 log prefix "asked in" group 86 snaplen 256
add rule inet t in udp dport 54 log prefix "another group" group 87
`;
const FLOOD = 20_000;

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !done(); tries++) await sleep(10);
}

function rejection(fn: () => unknown): string {
  try {
    fn();
    return "done";
  } catch (error) {
    return (error as Error).message;
  }
}

function shown({ payload, ...rest }: LoggedPacket): Record<string, unknown> {
  const udp = rest.family === 4 ? 20 : 40;
  return {
    ...rest,
    version: payload[0]! >> 4,
    ports: [payload.readUInt16BE(udp), payload.readUInt16BE(udp + 2)],
    length: payload.length,
    data: payload.toString("latin1", udp + 8, udp + 16),
  };
}

await runInSandbox(async () => {
  const namespace = createLoopback("loop", ["10.0.0.1", "fd00::1"]);
  const elsewhere = createLoopback("elsewhere", ["10.0.0.1"]);
  const reactor = createReactor();
  const nft = openNftables(namespace);
  const applied = await nft.run(RULES);
  if (!applied.ok) throw new Error(applied.errors);

  const packets: unknown[] = [];
  const log = openNflog(reactor, 86, (packet) => packets.push(shown(packet)), namespace);
  const taken = rejection(() => openNflog(reactor, 86, () => undefined, namespace));
  // A group of the same number in another namespace is another group.
  const beside = openNflog(reactor, 86, (packet) => packets.push({ elsewhere: shown(packet) }), elsewhere);
  for (const address of ["10.0.0.1", "fd00::1"]) {
    sendOne(namespace, "UDP", [address, 5000], [address, 53], Buffer.from("question"));
    sendOne(namespace, "UDP", [address, 5000], [address, 54], Buffer.from("not this"));
    sendOne(namespace, "UDP", [address, 5000], [address, 55], Buffer.from("longlong".repeat(100)));
  }
  await until(() => packets.length >= 6);
  const small = packets.splice(0);

  // More than the socket takes while this thread does not read: counted, and it goes on afterwards.
  let flooded = 0;
  log.close();
  const again = openNflog(
    reactor,
    86,
    ({ prefix }) => {
      if (prefix === "flood") flooded++;
      else packets.push(prefix);
    },
    namespace,
  );
  const fd = boundSocket(namespace, sys.SOCK_DGRAM, 0, addressOf("10.0.0.1"), 5001);
  for (let i = 0; i < FLOOD; i++) {
    sys.sendTo(fd, Buffer.from("flood".repeat(60)), socketAddress(addressOf("10.0.0.1"), 99));
  }
  await until(() => again.lost() > 0);
  let before = -1;
  await until(() => {
    const quiet = before === flooded;
    before = flooded;
    return quiet;
  });
  sendOne(namespace, "UDP", ["10.0.0.1", 5000], ["10.0.0.1", 53], Buffer.from("question"));
  await until(() => packets.length >= 2);
  const flood = {
    lost: again.lost() > 0,
    some: flooded > 0 && flooded < FLOOD,
    after: packets.splice(0),
  };

  again.close();
  again.close();
  sendOne(namespace, "UDP", ["10.0.0.1", 5000], ["10.0.0.1", 53], Buffer.from("question"));
  const free = openNflog(reactor, 86, () => undefined, namespace);
  await sleep(150);
  free.close();
  beside.close();
  nft.close();
  process.send!({ small, taken, flood, closed: packets });
  return 0;
});
