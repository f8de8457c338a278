import type { IpPayload } from "./packet.ts";

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/**
 * What follows the extension headers of an IPv6 packet that ends before `end`. Those are skipped which the kernel skips
 * to find `meta l4proto` (ipv6_find_hdr), so that rule and log speak of the same protocol.
 */
export function ipv6Payload(bytes: Uint8Array, end: number): IpPayload {
  let next = bytes[6]!;
  let offset = 40;
  for (;;) {
    // Each of them is at least eight bytes long, and its first byte says what comes next.
    if (!isExtension(next)) return { protocol: next, offset };
    if (offset + 8 > end) return { offset };
    const following = bytes[offset]!;
    if (next === FRAGMENT) {
      const fragmentOffset = ((bytes[offset + 2]! << 8) | bytes[offset + 3]!) & 0xfff8;
      if (fragmentOffset > 0) {
        // More extension headers are in the first fragment, and with them the protocol.
        return {
          ...(isExtension(following) ? {} : { protocol: following }),
          offset: offset + 8,
          fragmentOffset,
        };
      }
      offset += 8;
    } else if (next === AUTHENTICATION) {
      // In units of four bytes, two of them not counted (RFC 4302).
      offset += (bytes[offset + 1]! + 2) * 4;
    } else {
      offset += (bytes[offset + 1]! + 1) * 8;
    }
    next = following;
  }
}

function isExtension(header: number): boolean {
  return (
    header === HOP_BY_HOP ||
    header === ROUTING ||
    header === FRAGMENT ||
    header === AUTHENTICATION ||
    header === DESTINATION_OPTIONS
  );
}
