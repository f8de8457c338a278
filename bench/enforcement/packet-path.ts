import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { linkUp } from "../../src/lab/links.ts";
import { setNamespaceSysctls } from "../../src/lab/sysctl.ts";
import { GUEST_INDEX, joinGuest } from "../../src/lab/wire.ts";
import { runInNamespace } from "../../src/linux/command.ts";
import { attribute, openNetlink } from "../../src/linux/netlink.ts";
import { createNamespace, inNamespace, type Namespace } from "../../src/linux/netns.ts";
import { parseAddress } from "../../src/net/address.ts";
import { CLIENT_ADDRESS, SERVER_ADDRESS, SERVER_PORTS } from "./measured-cluster.ts";

/**
 * A client's namespace, a node's and a server's, joined by routed veth pairs. All paths look the same, down to the
 * addresses; what they differ in is what the node's kernel holds.
 */
export interface PacketPath {
  readonly name: string;
  readonly client: Namespace;
  readonly node: Namespace;
  /** Process ids of the servers by port. */
  readonly servers: ReadonlyMap<number, number>;
}

/** IFLA_GSO_MAX_SEGS of rtnetlink(7), and what it is without us: GSO_MAX_SEGS. */
const GSO_MAX_SEGMENTS = 40;
export const ALL_SEGMENTS = 65_535;

/** A processor to stay on, of those that every machine has; or whichever is free. */
export const FIRST_CPU = 0;
export const ANY_CPU = -1;

/**
 * Builds a path with servers on {@link SERVER_PORTS}, which end with the sandbox. `generator` is the compiled load.c.
 * Throws where a system call or the generator fails.
 */
export async function openPacketPath(name: string, generator: string): Promise<PacketPath> {
  const node = emptyNamespace(`node-${name}`, true);
  const client = emptyNamespace(`client-${name}`, false);
  const server = emptyNamespace(`server-${name}`, false);
  // A connection that ended by RST would otherwise be kept for ten seconds more: some 300,000 of them.
  setSysctl(node, "netfilter/nf_conntrack_tcp_timeout_close", "1");
  setSysctl(client, "ipv4/ip_local_port_range", "1024 65535");
  setSysctl(server, "core/somaxconn", "65535");
  setSysctl(server, "ipv4/tcp_max_syn_backlog", "65535");
  const netlink = openNetlink(node);
  try {
    netlink.send([linkUp(1)]);
    const host = { namespace: node, netlink, addresses: [] };
    joinGuest(host, client, 1, [parseAddress(CLIENT_ADDRESS)!]);
    joinGuest(host, server, 2, [parseAddress(SERVER_ADDRESS)!]);
  } finally {
    netlink.close();
  }
  // Whoever accepts sleeps most of the time, and may do so where the client is not.
  const otherCpu = availableParallelism() > 1 ? FIRST_CPU + 1 : ANY_CPU;
  const { connections, stream, streams } = SERVER_PORTS;
  const servers = new Map<number, number>();
  servers.set(connections, await startServer(server, generator, "serve", connections, otherCpu));
  // On the sender's processor: acknowledgements sent from another overtake, and TCP takes that for losses.
  servers.set(stream, await startServer(server, generator, "sink", stream, FIRST_CPU));
  servers.set(streams, await startServer(server, generator, "sink", streams, ANY_CPU));
  return { name, client, node, servers };
}

function emptyNamespace(name: string, forwarding: boolean): Namespace {
  const namespace = createNamespace(name);
  setNamespaceSysctls(namespace, forwarding);
  return namespace;
}

function setSysctl(namespace: Namespace, name: string, value: string): void {
  inNamespace(namespace, () => writeFileSync(`/proc/sys/net/${name}`, value));
}

/** Resolves to the process id once it listens. */
async function startServer(
  server: Namespace,
  generator: string,
  mode: "serve" | "sink",
  port: number,
  cpu: number,
): Promise<number> {
  const args = [mode, String(port), String(cpu)];
  const child = inNamespace(server, () => spawn(generator, args, { stdio: ["ignore", "pipe", "inherit"] }));
  child.on("exit", (code, signal) => {
    throw new Error(`load ${args.join(" ")}: ended with ${signal ?? code}`);
  });
  await once(child.stdout, "data");
  return child.pid!;
}

/** How many segments the client's kernel may hand on as one packet; counts for connections made later. */
export function setSegmentsPerPacket({ client }: PacketPath, segments: number): void {
  const { body, ...request } = linkUp(GUEST_INDEX);
  const netlink = openNetlink(client);
  try {
    netlink.send([{ ...request, body: Buffer.concat([body, attribute(GSO_MAX_SEGMENTS, segments)]) }]);
  } finally {
    netlink.close();
  }
}

/** What load.c prints, by the names that it gives. */
export type LoadOutput = Readonly<Record<string, number>>;

/** Runs the generator in the client's namespace and gives the JSON that it prints. */
export async function runLoad(
  { client }: PacketPath,
  generator: string,
  args: readonly string[],
): Promise<LoadOutput> {
  return JSON.parse(await runOrThrow(client, [generator, ...args])) as LoadOutput;
}

/** Empties the node's connection tracking, so that every round begins alike. */
export async function flushTracking({ node }: PacketPath, generator: string): Promise<void> {
  await runOrThrow(node, [generator, "flush"]);
}

/** Standard output of a program in a namespace. Throws an Error with what it said when it fails. */
export async function runOrThrow(
  namespace: Namespace,
  argv: readonly string[],
  stdin?: string,
): Promise<string> {
  const { code, stdout, stderr } = await runInNamespace(namespace, argv, stdin);
  if (code === 0) return stdout;
  throw new Error(`${namespace.name}: ${argv.join(" ")} ended with ${code}: ${stderr.trim()}`);
}

/** What would spoil a round: connections that the tracking table had no room for. Counted from the beginning. */
export interface TrackingTrouble {
  /** Entries in the table now, and how many it can take. */
  readonly entries: number;
  readonly limit: number;
  /** Packets that were dropped, or cost another connection its entry. */
  readonly losses: number;
}

export function trackingTrouble({ node }: PacketPath): TrackingTrouble {
  const read = (path: string): string => inNamespace(node, () => readFileSync(path, "utf8"));
  const lines = read("/proc/net/stat/nf_conntrack").trim().split("\n");
  const names = lines[0]!.trim().split(/\s+/);
  let losses = 0;
  for (const line of lines.slice(1)) {
    const values = line.trim().split(/\s+/);
    for (const name of ["drop", "early_drop", "insert_failed"]) {
      losses += Number.parseInt(values[names.indexOf(name)] ?? "0", 16);
    }
  }
  return {
    entries: Number(read("/proc/sys/net/netfilter/nf_conntrack_count")),
    limit: Number(read("/proc/sys/net/netfilter/nf_conntrack_max")),
    losses,
  };
}
