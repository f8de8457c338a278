import type { LabNetwork } from "../../../../src/lab/network.ts";
import { sendRaw } from "../../../../src/lab/raw.ts";
import { inNamespace } from "../../../../src/linux/netns.ts";
import { addressFamily, SOCKET_ADDRESS_LENGTH } from "../../../../src/linux/sockaddr.ts";
import {
  close,
  EPERM,
  receiveFrom,
  SOCK_DGRAM,
  SOCK_RAW,
  SyscallError,
  socket,
} from "../../../../src/linux/syscalls.ts";
import type { Shot } from "../steps.ts";

const TIMEOUT_MILLIS = 700;
const LOOK_MILLIS = 20;
// packet(7); the protocol stands there in network byte order, and the packet's type in its struct sockaddr_ll.
const AF_PACKET = 17;
const ETH_P_ALL = 0x0300;
const PACKET_TYPE = 10;
const PACKET_OUTGOING = 4;

/** Sends all packets, and looks for their markers at the receivers. */
export async function measureShots(
  network: LabNetwork,
  shots: readonly Shot[],
): Promise<Record<string, string>> {
  const sockets = new Map<string, number>();
  const keyOf = ({ at, onWire, family, protocol }: Shot): string =>
    onWire === true ? `${at} wire` : `${at} ${family} ${protocol}`;
  for (const shot of shots) {
    if (sockets.has(keyOf(shot))) continue;
    const fd = inNamespace(network.namespaceOf(shot.at), () =>
      shot.onWire === true
        ? socket(AF_PACKET, SOCK_DGRAM, ETH_P_ALL)
        : socket(addressFamily(shot.family), SOCK_RAW, shot.protocol),
    );
    sockets.set(keyOf(shot), fd);
  }
  const arrived = new Set<Shot>();
  const buffer = Buffer.alloc(65536);
  const from = Buffer.alloc(SOCKET_ADDRESS_LENGTH);
  const look = (): void => {
    for (const [key, fd] of sockets) {
      for (;;) {
        const length = receiveFrom(fd, buffer, from);
        if (length < 0) break;
        if (from.readUInt16LE(0) === AF_PACKET && from[PACKET_TYPE] === PACKET_OUTGOING) continue;
        const packet = buffer.subarray(0, length);
        for (const shot of shots) if (keyOf(shot) === key && packet.includes(shot.marker)) arrived.add(shot);
      }
    }
  };
  try {
    for (const shot of shots) {
      for (const packet of shot.packets) send(network, shot.from, Buffer.from(packet, "base64"));
      look();
    }
    for (let waited = 0; arrived.size < shots.length && waited < TIMEOUT_MILLIS; waited += LOOK_MILLIS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
      // What is sent here may be answered by servers of this process.
      network.reactor.turn();
      look();
    }
  } finally {
    for (const fd of sockets.values()) close(fd);
  }
  return Object.fromEntries(shots.map((shot) => [shot.name, arrived.has(shot) ? "passed" : "stopped"]));
}

function send(network: LabNetwork, from: string, packet: Uint8Array): void {
  try {
    sendRaw(network, from, packet);
  } catch (error) {
    // A rule in the sender's own namespace, a node, says no in this way.
    if (!(error instanceof SyscallError && error.errno === EPERM)) throw error;
  }
}
