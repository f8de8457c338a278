// Runs inside the sandbox: connections in a namespace, as conntrack shows them.
import { echoRequest } from "../../lab/icmp.ts";
import { runInSandbox } from "../../lab/sandbox-inner.ts";
import { formatAddress } from "../../net/address.ts";
import { type ConntrackEntry, openConntrack, type Tuple } from "../netfilter/conntrack.ts";
import { createNamespace } from "../netns.ts";
import { openNftables } from "../nftables.ts";
import { addressOf, socketAddress } from "../sockaddr.ts";
import * as sys from "../syscalls.ts";
import { boundSocket, createLoopback, sendOne } from "./loopback.ts";

const RULES = `
add table inet t
add chain inet t zones { type filter hook output priority raw; }
add rule inet t zones udp dport 1007 ct zone set 7
add rule inet t zones udp dport 1009 ct original zone set 9
add rule inet t zones udp dport 1011 ct reply zone set 11
add chain inet t track { type filter hook output priority mangle; }
add rule inet t track udp dport 1042 ct mark set 0xfedcba98
add rule inet t track ct state established,related accept
add chain inet t translate { type nat hook output priority -100; }
add rule inet t translate ip daddr 10.96.0.1 tcp dport 80 dnat ip to 10.0.0.2:8080
add rule inet t translate ip6 daddr fd00:96::1 tcp dport 80 dnat ip6 to [fd00::2]:8080
`;

const tuple = ({ source, sourcePort, destination, destinationPort }: Tuple): string =>
  `${formatAddress(source)} ${sourcePort} > ${formatAddress(destination)} ${destinationPort}`;

/** All of an entry, so that a test can name each field; the id differs in each run. */
function shown({ family, protocol, original, reply, status, mark, zone, zoneDirection, id }: ConntrackEntry) {
  return {
    entry: `IPv${family} ${protocol}: ${tuple(original)} | ${tuple(reply)}`,
    bits: [
      ...(status & (1 << 1) ? ["seen-reply"] : []),
      ...(status & (1 << 2) ? ["assured"] : []),
      ...(status & (1 << 5) ? ["dnat"] : []),
    ].join(),
    mark,
    zone: zoneDirection === undefined ? `${zone}` : `${zone} ${zoneDirection}`,
    id: Number.isInteger(id) && id !== 0,
  };
}

await runInSandbox(async () => {
  const namespace = createLoopback("loop", ["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"]);
  const nft = openNftables(namespace);
  const applied = await nft.run(RULES);
  if (!applied.ok) throw new Error(applied.errors);
  const conntrack = openConntrack(namespace);
  const empty = { dump: conntrack.dump().length, count: conntrack.count() };

  const open: number[] = [];
  for (const [client, server, service] of [
    ["10.0.0.1", "10.0.0.2", "10.96.0.1"],
    ["fd00::1", "fd00::2", "fd00:96::1"],
  ] as const) {
    const listener = boundSocket(namespace, sys.SOCK_STREAM, 0, addressOf(server), 8080);
    sys.listen(listener, 16);
    for (const [to, from] of [
      [socketAddress(addressOf(server), 8080), 40001],
      [socketAddress(addressOf(service), 80), 40002],
    ] as const) {
      const socket = boundSocket(namespace, sys.SOCK_STREAM, 0, addressOf(client), from);
      const failed = sys.connect(socket, to);
      if (failed !== 0 && failed !== sys.EINPROGRESS) throw new sys.SyscallError("connect", failed);
      open.push(socket);
    }
    open.push(listener);
    sendOne(namespace, "UDP", [client, 5000], [server, 53], Buffer.from("question"));
    const icmp = client.includes(":") ? sys.IPPROTO_ICMPV6 : sys.IPPROTO_ICMP;
    sendOne(namespace, icmp, [client, 0], [server, 0], echoRequest(client.includes(":") ? 6 : 4, 0x1234, 1));
  }
  sendOne(namespace, 253, ["10.0.0.1", 0], ["10.0.0.2", 0], Buffer.from("a protocol without ports"));
  for (const port of [1007, 1009, 1011, 1042]) {
    sendOne(namespace, "UDP", ["10.0.0.1", 5001], ["10.0.0.2", port], Buffer.from("x"));
  }

  const entries = conntrack.dump();
  const of = (direction: "original" | "reply", end: "source" | "destination", address: string): string[] =>
    conntrack
      .dump({ direction, end, address: addressOf(address) })
      .map((entry) => shown(entry).entry)
      .sort();
  const results: Record<string, unknown> = {
    empty,
    count: { same: conntrack.count() === entries.length },
    entries: entries.map(shown).sort((a, b) => (a.entry < b.entry ? -1 : 1)),
    filtered: {
      "original destination 10.96.0.1": of("original", "destination", "10.96.0.1"),
      "reply source fd00::2": of("reply", "source", "fd00::2"),
      "reply source 10.0.0.2": of("reply", "source", "10.0.0.2"),
      "original source fd00::1": of("original", "source", "fd00::1"),
    },
    elsewhere: openConntrack(createNamespace("elsewhere")).dump().length,
  };

  // A connection with the same ends that is not this one is left alone.
  const first = entries[0]!;
  const other = conntrack.delete({ ...first, id: first.id ^ 1 });
  results.identity = { other, this: conntrack.delete(first), again: conntrack.delete(first) };
  const deleted: Record<string, string> = {};
  for (const entry of conntrack.dump()) deleted[shown(entry).entry] = conntrack.delete(entry);
  results.deleted = deleted;
  results.left = conntrack.dump().map((entry) => shown(entry).entry);
  for (const fd of open) sys.close(fd);
  conntrack.close();
  nft.close();
  process.send!(results);
  return 0;
});
