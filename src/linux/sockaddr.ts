import { type Address, type Family, parseAddress } from "../net/address.ts";
import { AF_INET, AF_INET6 } from "./syscalls.ts";

/** The Linux address family number of an IP version. */
export function addressFamily(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/** The address in network byte order: 4 or 16 bytes. */
export function addressBytes(address: Address): Buffer {
  const bytes = Buffer.alloc(address.family === 4 ? 4 : 16);
  let value = address.value;
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

/** Reads an address that must be valid, as those of a topology are; throws otherwise. */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`"${text}" is not an IP address`);
  return address;
}

/** `struct sockaddr_in` or `sockaddr_in6` for an address and a port. */
export function socketAddress(address: Address, port: number): Buffer {
  const bytes = Buffer.alloc(address.family === 4 ? 16 : 28);
  bytes.writeUInt16LE(addressFamily(address.family), 0);
  bytes.writeUInt16BE(port, 2);
  addressBytes(address).copy(bytes, address.family === 4 ? 4 : 8);
  return bytes;
}

/** The wildcard address (`0.0.0.0`, `::`) with a port. */
export function anyAddress(family: Family, port: number): Buffer {
  return socketAddress({ family, value: 0n }, port);
}

/** Bytes that a `recvfrom` address buffer needs for either family. */
export const SOCKET_ADDRESS_LENGTH = 28;
