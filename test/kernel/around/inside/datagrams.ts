import { addressOfFamily, type LabNetwork } from "../../../../src/lab/network.ts";
import { nextSourcePort } from "../../../../src/lab/ports.ts";
import { inNamespace } from "../../../../src/linux/netns.ts";
import { addressFamily, socketAddress } from "../../../../src/linux/sockaddr.ts";
import * as sys from "../../../../src/linux/syscalls.ts";
import type { Datagram } from "../steps.ts";

const TIMEOUT_MILLIS = 1000;
const LOOK_MILLIS = 20;

/** Sends all datagrams, each to a port that returns what it gets, and waits for the whole of it to come back. */
export async function measureDatagrams(
  network: LabNetwork,
  datagrams: readonly Datagram[],
): Promise<Record<string, string>> {
  const open = datagrams.map((each) => ({ each, fd: send(network, each) }));
  const returned = new Set<Datagram>();
  const buffer = Buffer.alloc(65536);
  for (let waited = 0; returned.size < open.length && waited < TIMEOUT_MILLIS; waited += LOOK_MILLIS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
    network.reactor.turn();
    for (const { each, fd } of open) if (sys.receive(fd, buffer) === each.bytes) returned.add(each);
  }
  for (const { fd } of open) sys.close(fd);
  return Object.fromEntries(datagrams.map((each) => [each.name, returned.has(each) ? "passed" : "stopped"]));
}

function send(network: LabNetwork, { name, from, to, family, port, bytes }: Datagram): number {
  const source = network.endpoint(from)!;
  const address = addressOfFamily(network.endpoint(to)!, family)!;
  const fd = inNamespace(source.namespace, () => sys.socket(addressFamily(family), sys.SOCK_DGRAM, 0));
  const own = socketAddress(addressOfFamily(source, family)!, nextSourcePort(source.namespace));
  const failed =
    sys.bind(fd, own) ||
    sys.connect(fd, socketAddress(address, port)) ||
    sys.send(fd, Buffer.alloc(bytes, "x"));
  if (failed !== 0) throw new sys.SyscallError(`datagram ${name}`, failed);
  return fd;
}
