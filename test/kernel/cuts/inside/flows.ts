import { internetChecksum } from "../../../../src/lab/icmp.ts";
import { addressOfFamily, type LabNetwork } from "../../../../src/lab/network.ts";
import { inNamespace, type Namespace } from "../../../../src/linux/netns.ts";
import {
  addressFamily,
  addressOf,
  SOCKET_ADDRESS_LENGTH,
  socketAddress,
} from "../../../../src/linux/sockaddr.ts";
import * as sys from "../../../../src/linux/syscalls.ts";
import type { Flow, Seen } from "../steps.ts";

/** How long an end is looked at that has seen nothing. */
const PATIENCE_MILLIS = 300;
const LOOK_MILLIS = 10;

/** The sockets of a flow. */
export interface OpenFlow {
  readonly flow: Flow;
  readonly client: number;
  /** Of TCP the accepted connection, of UDP the server's only socket. */
  readonly server: number;
  /** Of TCP, what listens. */
  readonly listener?: number;
  /** Where a UDP server sends to: whom its first datagram came from. */
  readonly clientAddress: Buffer;
}

const received = Buffer.alloc(65536);
const sender = Buffer.alloc(SOCKET_ADDRESS_LENGTH);
let messages = 0;

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** Looks again and again, until something is there or patience ends. */
async function awaited<T>(look: () => T | undefined): Promise<T | undefined> {
  for (let waited = 0; ; waited += LOOK_MILLIS) {
    const found = look();
    if (found !== undefined || waited >= PATIENCE_MILLIS) return found;
    await pause(LOOK_MILLIS);
  }
}

/** Opens a flow with new sockets; what became of it instead, if it does not come about. */
export async function openFlow(network: LabNetwork, flow: Flow): Promise<OpenFlow | "refused" | "silence"> {
  if (flow.protocol === "ICMP") return openEcho(network, flow);
  const tcp = flow.protocol === "TCP";
  const source = network.endpoint(flow.from)!;
  const target = network.endpoint(flow.to)!;
  const listening = bound(
    flow,
    target.namespace,
    socketAddress(addressOfFamily(target, flow.family)!, flow.port),
  );
  if (tcp) sys.listen(listening, 8);
  const clientAddress = socketAddress(addressOfFamily(source, flow.family)!, flow.sourcePort);
  const client = bound(flow, source.namespace, clientAddress);
  const called =
    flow.by === undefined
      ? socketAddress(addressOfFamily(target, flow.family)!, flow.port)
      : socketAddress(addressOf(flow.by.address), flow.by.port);
  const failed = sys.connect(client, called);
  if (failed !== 0 && failed !== sys.EINPROGRESS) throw new sys.SyscallError(`connect ${flow.name}`, failed);
  if (!tcp) sys.send(client, Buffer.from("first"));
  let caller: Buffer = clientAddress;
  const server = await awaited((): number | "refused" | undefined => {
    if (tcp) return sys.socketError(client) === 0 ? sys.accept(listening) : "refused";
    if (sys.receiveFrom(listening, received, sender) <= 0) return undefined;
    // Another flow that is opened at the same time writes there too.
    caller = Buffer.from(sender.subarray(0, clientAddress.length));
    return listening;
  });
  if (server === undefined || server === "refused") {
    sys.close(client);
    sys.close(listening);
    return server ?? "silence";
  }
  const open = { flow, client, server };
  return tcp ? { ...open, listener: listening, clientAddress } : { ...open, clientAddress: caller };
}

/** Raw sockets on both sides: that of the server only looks on. */
function openEcho(network: LabNetwork, flow: Flow): OpenFlow {
  const { from, to, family } = flow;
  const raw = (id: string): number =>
    inNamespace(network.endpoint(id)!.namespace, () =>
      sys.socket(addressFamily(family), sys.SOCK_RAW, family === 4 ? sys.IPPROTO_ICMP : sys.IPPROTO_ICMPV6),
    );
  const client = raw(from);
  const failed = sys.connect(client, socketAddress(addressOfFamily(network.endpoint(to)!, family)!, 0));
  if (failed !== 0) throw new sys.SyscallError(`connect ${flow.name}`, failed);
  return { flow, client, server: raw(to), clientAddress: Buffer.alloc(0) };
}

/** An echo request that carries a message. */
function echoMessage({ family, sourcePort }: Flow, message: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from([family === 4 ? 8 : 128, 0, 0, 0, 0, 0, 0, 1]), message]);
  bytes.writeUInt16BE(sourcePort, 4);
  if (family === 4) bytes.writeUInt16BE(internetChecksum(bytes), 2);
  return bytes;
}

/** Sends one datagram from each of so many ports. */
export function beginMany(network: LabNetwork, from: string, to: string, count: number): void {
  const source = network.endpoint(from)!;
  const target = socketAddress(addressOfFamily(network.endpoint(to)!, 6)!, 7000);
  for (let i = 0; i < count; i++) {
    const fd = inNamespace(source.namespace, () => sys.socket(sys.AF_INET6, sys.SOCK_DGRAM, 0));
    const failed =
      sys.bind(fd, socketAddress(addressOfFamily(source, 6)!, 10_000 + i)) ||
      sys.sendTo(fd, Buffer.from("first"), target);
    sys.close(fd);
    if (failed !== 0) throw new sys.SyscallError(`datagram ${i}`, failed);
  }
}

export function closeFlow({ client, server, listener }: OpenFlow): void {
  for (const fd of [client, server, ...(listener === undefined ? [] : [listener])]) sys.close(fd);
}

function bound({ name, family, protocol }: Flow, namespace: Namespace, address: Buffer): number {
  const type = protocol === "TCP" ? sys.SOCK_STREAM : sys.SOCK_DGRAM;
  const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), type, 0));
  sys.setOption(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1);
  // Closing then leaves no TIME_WAIT behind: the same ends can meet again.
  if (protocol === "TCP")
    sys.setOption(fd, sys.SOL_SOCKET, sys.SO_LINGER, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
  const failed = sys.bind(fd, address);
  if (failed !== 0) throw new sys.SyscallError(`bind ${name}`, failed);
  return fd;
}

/** Sends a message from both ends, or one, and looks at what each end sees of it. */
export async function sendThrough(flows: readonly OpenFlow[], only?: "client" | "server"): Promise<Seen[]> {
  const message = Buffer.from(`<message ${messages++}>`);
  const errors = flows.map((open) => ({
    client: only === "server" ? 0 : sys.send(open.client, clientMessage(open.flow, message)),
    server: only === "client" ? 0 : sendFromServer(open, message),
  }));
  const seen = flows.map((_, i): { client: string | undefined; server: string | undefined } => ({
    client: outcome(-errors[i]!.client),
    server: outcome(-errors[i]!.server),
  }));
  await awaited(() => {
    for (const [i, flow] of flows.entries()) {
      seen[i]!.client ??= look(flow.client, message);
      seen[i]!.server ??= look(flow.server, message);
    }
    return seen.every(({ client, server }) => client !== undefined && server !== undefined)
      ? true
      : undefined;
  });
  return seen.map(({ client, server }) => ({ client: client ?? "silence", server: server ?? "silence" }));
}

function clientMessage(flow: Flow, message: Buffer): Buffer {
  return flow.protocol === "ICMP" ? echoMessage(flow, message) : message;
}

function sendFromServer({ flow, server, clientAddress }: OpenFlow, message: Buffer): number {
  if (flow.protocol === "TCP") return sys.send(server, message);
  return flow.protocol === "UDP" ? sys.sendTo(server, message, clientAddress) : 0;
}

/** What an end sees; undefined while that is nothing new. */
function look(fd: number, message: Buffer): string | undefined {
  for (;;) {
    const length = sys.receive(fd, received);
    if (length > 0 && !received.subarray(0, length).includes(message)) continue;
    return length > 0 ? "data" : length === 0 ? "end" : outcome(length);
  }
}

function outcome(result: number): string | undefined {
  if (result === 0 || result === -sys.EAGAIN) return undefined;
  return result === -sys.ECONNRESET ? "reset" : sys.errnoName(-result);
}
