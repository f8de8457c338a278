import { addressOfFamily, type LabNetwork } from "../../../src/lab/network.ts";
import { inNamespace } from "../../../src/linux/netns.ts";
import { addressBytes, addressFamily, SOCKET_ADDRESS_LENGTH } from "../../../src/linux/sockaddr.ts";
import * as sys from "../../../src/linux/syscalls.ts";

/** What arrives at an endpoint, of UDP and TCP, whether a port listens or not. */
export interface Arrivals {
  /** Packets from another endpoint so far. */
  from(id: string): number;
  close(): void;
}

const RECEIVE_BYTES = 32 * 1024 * 1024;
/** Packets taken in one turn, so that a leak leaves time for what ends it. */
const PACKETS_A_TURN = 1000;

/** Watches an endpoint of the lab, with raw sockets, which see a packet before any port is looked for. */
export function watchArrivals(network: LabNetwork, at: string): Arrivals {
  const { namespace } = network.endpoint(at)!;
  const counts = new Map<string, number>();
  const packet = Buffer.alloc(2048);
  const sender = Buffer.alloc(SOCKET_ADDRESS_LENGTH);
  const sockets: { readonly fd: number; readonly family: 4 | 6 }[] = [];
  const take = (fd: number, family: 4 | 6): void => {
    for (let i = 0; i < PACKETS_A_TURN && sys.receiveFrom(fd, packet, sender) >= 0; i++) {
      const key = (family === 4 ? sender.subarray(4, 8) : sender.subarray(8, 24)).toString("hex");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  };
  for (const family of [4, 6] as const) {
    for (const protocol of [sys.IPPROTO_UDP, sys.IPPROTO_TCP]) {
      const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), sys.SOCK_RAW, protocol));
      sys.setReceiveBuffer(fd, RECEIVE_BYTES);
      network.reactor.add(fd, sys.EPOLLIN, () => take(fd, family));
      sockets.push({ fd, family });
    }
  }
  return {
    from(id) {
      for (const { fd, family } of sockets) take(fd, family);
      let packets = 0;
      for (const family of [4, 6] as const) {
        const address = addressOfFamily(network.endpoint(id)!, family);
        if (address !== undefined) packets += counts.get(addressBytes(address).toString("hex")) ?? 0;
      }
      return packets;
    },
    close() {
      for (const { fd } of sockets) {
        network.reactor.remove(fd);
        sys.close(fd);
      }
    },
  };
}
