import { addAddress, addRoute, linkUp } from "../../lab/links.ts";
import { kernelHasIpv6, setNamespaceSysctls } from "../../lab/sysctl.ts";
import { type Address, FAMILIES } from "../../net/address.ts";
import { openNetlink } from "../netlink.ts";
import { createNamespace, inNamespace, type Namespace } from "../netns.ts";
import { addressFamily, addressOf, socketAddress } from "../sockaddr.ts";
import * as sys from "../syscalls.ts";

/** A namespace with nothing but its loopback, on which these addresses are, and to which all others are routed. */
export function createLoopback(name: string, addresses: readonly string[]): Namespace {
  const namespace = createNamespace(name);
  setNamespaceSysctls(namespace, false);
  const netlink = openNetlink(namespace);
  const usable = addresses.map(addressOf).filter(({ family }) => family === 4 || kernelHasIpv6());
  netlink.send([
    linkUp(1),
    ...usable.map((address) => addAddress(1, address, address.family === 4 ? 32 : 128)),
    ...FAMILIES.filter((family) => family === 4 || kernelHasIpv6()).map((family) =>
      addRoute({ family, device: 1 }),
    ),
  ]);
  netlink.close();
  return namespace;
}

/** A socket in a namespace, bound to an address (raw sockets: port 0). */
export function boundSocket(
  namespace: Namespace,
  type: number,
  protocol: number,
  source: Address,
  port: number,
): number {
  const fd = inNamespace(namespace, () => sys.socket(addressFamily(source.family), type, protocol));
  const failed = sys.bind(fd, socketAddress(source, port));
  if (failed !== 0) throw new sys.SyscallError("bind", failed);
  return fd;
}

/** Sends one packet of a protocol from one address to another. */
export function sendOne(
  namespace: Namespace,
  protocol: "UDP" | number,
  from: readonly [address: string, port: number],
  to: readonly [address: string, port: number],
  payload: Buffer,
): void {
  const udp = protocol === "UDP";
  const fd = boundSocket(
    namespace,
    udp ? sys.SOCK_DGRAM : sys.SOCK_RAW,
    udp ? 0 : protocol,
    addressOf(from[0]),
    from[1],
  );
  const failed = sys.sendTo(fd, payload, socketAddress(addressOf(to[0]), to[1]));
  sys.close(fd);
  if (failed !== 0 && failed !== sys.EPERM) throw new sys.SyscallError(`send to ${to[0]}`, failed);
}
