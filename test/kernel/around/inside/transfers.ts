import { createServer, Socket } from "node:net";
import { addressOfFamily, type LabNetwork } from "../../../../src/lab/network.ts";
import { nextSourcePort } from "../../../../src/lab/ports.ts";
import { inNamespace } from "../../../../src/linux/netns.ts";
import { addressFamily, socketAddress } from "../../../../src/linux/sockaddr.ts";
import * as sys from "../../../../src/linux/syscalls.ts";
import type { Transfer } from "../steps.ts";

const TIMEOUT_MILLIS = 4000;

/** Carries out all transfers at the same time, each with a server that is there for it alone. */
export async function measureTransfers(
  network: LabNetwork,
  transfers: readonly Transfer[],
): Promise<Record<string, string>> {
  const received = await Promise.all(transfers.map((each) => transferred(network, each)));
  return Object.fromEntries(transfers.map(({ name }, i) => [name, String(received[i])]));
}

async function transferred(
  network: LabNetwork,
  { from, to, family, port, bytes }: Transfer,
): Promise<number> {
  const source = network.endpoint(from)!;
  const target = network.endpoint(to)!;
  const address = socketAddress(addressOfFamily(target, family)!, port);
  const stream = (namespace: typeof source.namespace): number =>
    inNamespace(namespace, () => sys.socket(addressFamily(family), sys.SOCK_STREAM, 0));

  const listening = stream(target.namespace);
  bound(listening, address);
  let received = 0;
  const server = createServer((socket) => {
    socket.on("data", (part) => {
      received += part.length;
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => finish());
  });
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await new Promise<void>((resolve) => server.listen({ fd: listening }, resolve));

  const fd = stream(source.namespace);
  bound(fd, socketAddress(addressOfFamily(source, family)!, nextSourcePort(source.namespace)));
  const failed = sys.connect(fd, address);
  if (failed !== 0 && failed !== sys.EINPROGRESS) throw new sys.SyscallError("transfer", failed);
  const client = await connected(network, fd);
  const timer = setTimeout(finish, TIMEOUT_MILLIS);
  if (client === undefined) finish();
  else client.end(Buffer.alloc(bytes, "x"));
  await done;
  clearTimeout(timer);
  client?.destroy();
  if (client === undefined) sys.close(fd);
  server.close();
  return received;
}

function bound(fd: number, address: Buffer): void {
  const failed = sys.bind(fd, address);
  if (failed !== 0) throw new sys.SyscallError("transfer: bind", failed);
}

/** The connection as a stream of Node; undefined if it does not come about in time. */
function connected(network: LabNetwork, fd: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const end = (socket: Socket | undefined): void => {
      clearTimeout(timer);
      resolve(socket);
    };
    const timer = setTimeout(() => {
      network.reactor.remove(fd);
      end(undefined);
    }, TIMEOUT_MILLIS / 2);
    network.reactor.add(fd, sys.EPOLLOUT, () => {
      network.reactor.remove(fd);
      if (sys.socketError(fd) !== 0) return end(undefined);
      const socket = new Socket({ fd, readable: true, writable: true });
      socket.on("error", () => socket.destroy());
      end(socket);
    });
  });
}
