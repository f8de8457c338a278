import { attribute, type NetlinkRequest } from "../linux/netlink.ts";
import type { Namespace } from "../linux/netns.ts";
import { addressBytes, addressFamily } from "../linux/sockaddr.ts";
import type { Address } from "../net/address.ts";
import { formatAddress } from "../net/address.ts";

// rtnetlink(7), linux/rtnetlink.h, linux/if_link.h, linux/veth.h
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_NEWNEIGH = 28;
const CREATE = 0x400 | 0x200; // NLM_F_CREATE | NLM_F_EXCL
const REPLACE = 0x400 | 0x100; // NLM_F_CREATE | NLM_F_REPLACE
const IFF_UP = 1;
const RTNH_F_ONLINK = 4;

/** One end of a veth pair. */
export interface LinkEnd {
  readonly namespace: Namespace;
  /** At most 15 characters. */
  readonly name: string;
  /** Chosen by us, so that no answer has to be read to learn it. */
  readonly index: number;
  /** Ethernet address, 6 bytes. */
  readonly mac: Buffer;
}

function linkInfo(index: number, up: boolean): Buffer {
  const info = Buffer.alloc(16);
  info.writeInt32LE(index, 4);
  info.writeUInt32LE(up ? IFF_UP : 0, 8);
  info.writeUInt32LE(up ? IFF_UP : 0, 12);
  return info;
}

/** Creates a veth pair; the near end is up, the far one not yet. To be sent in the namespace of `near`. */
export function createVeth(near: LinkEnd, far: LinkEnd): NetlinkRequest {
  const peer = Buffer.concat([
    linkInfo(far.index, false),
    attribute(3, far.name),
    attribute(1, far.mac),
    attribute(28, far.namespace.fd),
  ]);
  const body = Buffer.concat([
    linkInfo(near.index, true),
    attribute(3, near.name),
    attribute(1, near.mac),
    attribute(18, Buffer.concat([attribute(1, "veth"), attribute(2, attribute(1, peer))])),
  ]);
  const purpose = `create interface ${near.name} with peer ${far.name} in ${far.namespace.name}`;
  return { type: RTM_NEWLINK, flags: CREATE, body, purpose };
}

/** Switches an interface on; index 1 is the loopback of every namespace. */
export function linkUp(index: number): NetlinkRequest {
  return { type: RTM_NEWLINK, flags: 0, body: linkInfo(index, true), purpose: `interface ${index} up` };
}

/**
 * Removes interfaces with their peers, in one step by way of a link group: one by one, each waits some 40 ms
 * for the kernel's readers.
 */
export function deleteLinks(indexes: readonly number[]): NetlinkRequest[] {
  const group = attribute(27, 0x1ab);
  const mark = indexes.map((index) => ({
    type: RTM_NEWLINK,
    flags: 0,
    body: Buffer.concat([linkInfo(index, true), group]),
    purpose: `mark interface ${index} for removal`,
  }));
  const body = Buffer.concat([linkInfo(0, false), group]);
  const purpose = `delete interfaces ${indexes.join(", ")}`;
  return indexes.length === 0 ? [] : [...mark, { type: RTM_DELLINK, flags: 0, body, purpose }];
}

function addressBody(flags: number, index: number, address: Address, prefix: number): Buffer {
  const header = Buffer.alloc(8);
  header[0] = addressFamily(address.family);
  header[1] = prefix;
  header[2] = flags;
  header.writeUInt32LE(index, 4);
  const bytes = addressBytes(address);
  return Buffer.concat([header, attribute(2, bytes), attribute(1, bytes)]);
}

/** Gives an interface an address, usable at once (no duplicate address detection). */
export function addAddress(index: number, address: Address, prefix: number): NetlinkRequest {
  const nodad = address.family === 6 ? 0x02 : 0;
  const body = addressBody(nodad, index, address, prefix);
  const purpose = `add address ${formatAddress(address)}/${prefix}`;
  return { type: RTM_NEWADDR, flags: CREATE, body, purpose };
}

/** Takes an address from an interface. */
export function deleteAddress(index: number, address: Address, prefix: number): NetlinkRequest {
  const body = addressBody(0, index, address, prefix);
  return { type: RTM_DELADDR, flags: 0, body, purpose: `delete address ${formatAddress(address)}/${prefix}` };
}

/** A route of the main table. Without `destination` it is the family's default route. */
export interface Route {
  readonly family: 4 | 6;
  readonly destination?: Address | undefined;
  readonly device: number;
  readonly gateway?: Address | undefined;
  /** Source address that local packets on this route get. */
  readonly source?: Address | undefined;
}

function routeBody(route: Route): Buffer {
  const header = Buffer.alloc(12);
  header[0] = addressFamily(route.family);
  header[1] = route.destination === undefined ? 0 : route.family === 4 ? 32 : 128;
  header[4] = 254; // RT_TABLE_MAIN
  header[5] = 4; // RTPROT_STATIC
  header[6] = route.gateway === undefined && route.family === 4 ? 253 : 0; // link or universe
  header[7] = 1; // RTN_UNICAST
  // The gateway is no address of the link: the neighbour entry is what makes it reachable.
  header.writeUInt32LE(route.gateway === undefined ? 0 : RTNH_F_ONLINK, 8);
  const parts = [header, attribute(4, route.device)];
  if (route.destination !== undefined) parts.push(attribute(1, addressBytes(route.destination)));
  if (route.gateway !== undefined) parts.push(attribute(5, addressBytes(route.gateway)));
  if (route.source !== undefined) parts.push(attribute(7, addressBytes(route.source)));
  return Buffer.concat(parts);
}

function routeWords(route: Route): string {
  return route.destination === undefined ? `default (IPv${route.family})` : formatAddress(route.destination);
}

export function addRoute(route: Route): NetlinkRequest {
  const purpose = `add route ${routeWords(route)}`;
  return { type: RTM_NEWROUTE, flags: CREATE, body: routeBody(route), purpose };
}

/** Adds a route, or puts it in the place of one to the same destination: packets find a way at any time. */
export function replaceRoute(route: Route): NetlinkRequest {
  const purpose = `replace route ${routeWords(route)}`;
  return { type: RTM_NEWROUTE, flags: REPLACE, body: routeBody(route), purpose };
}

export function deleteRoute(route: Route): NetlinkRequest {
  return {
    type: RTM_DELROUTE,
    flags: 0,
    body: routeBody(route),
    purpose: `delete route ${routeWords(route)}`,
  };
}

/**
 * A permanent neighbour entry. All links of the lab have them: the kernel's neighbour table is one for the whole
 * machine (gc_thresh3, 1,024 entries), only permanent entries are exempt, and no probe waits for ARP.
 */
export function addNeighbour(index: number, address: Address, mac: Buffer): NetlinkRequest {
  const header = Buffer.alloc(12);
  header[0] = addressFamily(address.family);
  header.writeInt32LE(index, 4);
  header.writeUInt16LE(0x80, 8); // NUD_PERMANENT
  const body = Buffer.concat([header, attribute(1, addressBytes(address)), attribute(2, mac)]);
  return {
    type: RTM_NEWNEIGH,
    flags: REPLACE,
    body,
    purpose: `add neighbour ${formatAddress(address)}`,
  };
}
