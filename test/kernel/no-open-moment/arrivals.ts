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

interface Watched {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly protocol: number;
}

const RECEIVE_BYTES = 32 * 1024 * 1024;
/** Packets taken in one turn, so that a leak leaves time for what ends it. */
const PACKETS_A_TURN = 1000;

/**
 * Watches an endpoint of the lab, with raw sockets, which see a packet before any port is looked for. `counts` says which
 * packets matter, by protocol number and by what follows the IP header; all if left out.
 */
export function watchArrivals(
  network: LabNetwork,
  at: string,
  counts: (protocol: number, payload: Buffer) => boolean = () => true,
): Arrivals {
  const { namespace } = network.endpoint(at)!;
  const found = new Map<string, number>();
  const packet = Buffer.alloc(2048);
  const sender = Buffer.alloc(SOCKET_ADDRESS_LENGTH);
  const sockets: Watched[] = [];
  const take = ({ fd, family, protocol }: Watched): void => {
    for (let i = 0; i < PACKETS_A_TURN; i++) {
      const length = sys.receiveFrom(fd, packet, sender);
      if (length < 0) return;
      // The kernel hands out the header of IPv4 only.
      const header = family === 4 ? (packet[0]! & 0x0f) * 4 : 0;
      if (!counts(protocol, packet.subarray(header, length))) continue;
      const key = (family === 4 ? sender.subarray(4, 8) : sender.subarray(8, 24)).toString("hex");
      found.set(key, (found.get(key) ?? 0) + 1);
    }
  };
  for (const family of [4, 6] as const) {
    for (const protocol of [sys.IPPROTO_UDP, sys.IPPROTO_TCP]) {
      const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), sys.SOCK_RAW, protocol));
      sys.setReceiveBuffer(fd, RECEIVE_BYTES);
      const watched = { fd, family, protocol };
      network.reactor.add(fd, sys.EPOLLIN, () => take(watched));
      sockets.push(watched);
    }
  }
  return {
    from(id) {
      for (const watched of sockets) take(watched);
      let packets = 0;
      for (const family of [4, 6] as const) {
        const address = addressOfFamily(network.endpoint(id)!, family);
        if (address !== undefined) packets += found.get(addressBytes(address).toString("hex")) ?? 0;
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
