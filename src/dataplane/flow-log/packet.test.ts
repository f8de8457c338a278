import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress } from "../../net/address.ts";
import { type IpPacket, parsePacket } from "./packet.ts";
import { hex, ipPacket, tcp, udp } from "./packets.fixture.ts";

const A4 = "10.244.0.1";
const B4 = "203.0.113.250";
const A6 = "fd00:10:244::1";
const B6 = "2001:db8::ffff:1";

/** The packet with addresses as text. */
function read(bytes: Buffer): object | undefined {
  const packet = parsePacket(bytes);
  if (packet === undefined) return undefined;
  const { source, destination, family, ...rest } = packet;
  return { ...rest, from: formatAddress(source), to: formatAddress(destination) };
}

describe("parsePacket", () => {
  it.each([
    [A4, B4],
    [A6, B6],
  ])("reads ports of TCP, UDP and SCTP from %s to %s", (from, to) => {
    const ports = { sourcePort: 40_001, destinationPort: 3306, truncated: false, from, to };
    expect(read(ipPacket(from, to, 6, tcp(40_001, 3306)))).toEqual({ protocol: 6, ...ports });
    expect(read(ipPacket(from, to, 17, udp(40_001, 3306)))).toEqual({ protocol: 17, ...ports });
    expect(read(ipPacket(from, to, 132, udp(40_001, 3306)))).toEqual({ protocol: 132, ...ports });
  });

  it("reads a captured SYN", () => {
    const bytes = hex(
      "4500 003c 1c46 4000 4006 b1e6 ac10 0a63 ac10 0a0c",
      "9c40 0050 0000 0001 0000 0000 a002 7210 0000 0000",
    );
    expect(read(bytes)).toEqual({
      protocol: 6,
      sourcePort: 40_000,
      destinationPort: 80,
      truncated: false,
      from: "172.16.10.99",
      to: "172.16.10.12",
    });
  });

  it("reads type and code of ICMP and ICMPv6", () => {
    expect(read(ipPacket(A4, B4, 1, hex("0304 0000")))).toMatchObject({ icmp: { type: 3, code: 4 } });
    expect(read(ipPacket(A6, B6, 58, hex("8000 0000")))).toMatchObject({ icmp: { type: 128, code: 0 } });
  });

  it("has no ports for other protocols", () => {
    const gre = { protocol: 47, truncated: false, from: A4, to: B4 };
    expect(read(ipPacket(A4, B4, 47, hex("0000 0800 1234")))).toEqual(gre);
    expect(read(ipPacket(A4, B4, 253, Buffer.alloc(0)))).toEqual({ ...gre, protocol: 253 });
  });

  it("finds the ports behind IPv4 options", () => {
    const packet = ipPacket(A4, B4, 6, tcp(1, 2), { options: hex("9404 0000 0101 0100") });
    expect(read(packet)).toMatchObject({ sourcePort: 1, destinationPort: 2 });
  });

  it("finds no ports in later fragments, and takes none from their data", () => {
    expect(read(ipPacket(A4, B4, 17, udp(1, 2), { fragmentOffset: 1480 }))).toEqual({
      protocol: 17,
      fragmentOffset: 1480,
      truncated: false,
      from: A4,
      to: B4,
    });
    const fragment = (offset: string): Buffer =>
      ipPacket(A6, B6, 44, udp(1, 2), { extensions: hex(`1100 ${offset} 0000 0001`) });
    expect(read(fragment("05a9"))).toMatchObject({ protocol: 17, fragmentOffset: 1448 });
    expect(read(fragment("05a9"))).not.toHaveProperty("destinationPort");
    // The first one, with more to come.
    expect(read(fragment("0001"))).toMatchObject({ protocol: 17, destinationPort: 2 });
    expect(read(fragment("0001"))).not.toHaveProperty("fragmentOffset");
  });

  it("does not guess the protocol of a fragment that begins with options", () => {
    const fragment = ipPacket(A6, B6, 44, udp(1, 2), { extensions: hex("3c00 05a8 0000 0001") });
    expect(read(fragment)).toEqual({ fragmentOffset: 1448, truncated: false, from: A6, to: B6 });
  });

  it("walks the extension headers of IPv6", () => {
    const extensions = hex(
      "2b 00 0104 0000 0000", // hop-by-hop, then routing
      "3c 02 0400 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000", // routing of 24 bytes, then destination options
      "33 00 0104 0000 0000", // destination options, then authentication
      "06 04 0000 0000 0001 0000 0001 0000 0000 0000 0000 0000 0000", // authentication of 24 bytes, then TCP
    );
    expect(read(ipPacket(A6, B6, 0, tcp(7, 8), { extensions }))).toMatchObject({
      protocol: 6,
      sourcePort: 7,
      destinationPort: 8,
      truncated: false,
    });
  });

  it("takes padding behind the packet for no part of it", () => {
    const packet = Buffer.concat([ipPacket(A4, B4, 17, Buffer.alloc(0)), hex("1234 5678")]);
    expect(read(packet)).toEqual({ protocol: 17, truncated: true, from: A4, to: B4 });
  });

  it("reads packets whose length does not fit its field", () => {
    const joined4 = ipPacket(A4, B4, 6, tcp(1, 2));
    joined4.writeUInt16BE(0, 2);
    const joined6 = ipPacket(A6, B6, 6, tcp(1, 2));
    joined6.writeUInt16BE(0, 4);
    for (const joined of [joined4, joined6]) expect(read(joined)).toMatchObject({ destinationPort: 2 });
  });

  it("says what is known of a packet that was cut", () => {
    const packet = ipPacket(A6, B6, 0, tcp(7, 8), { extensions: hex("06 00 0104 0000 0000") });
    expect(read(packet.subarray(0, 39))).toBeUndefined();
    expect(read(packet.subarray(0, 47))).toEqual({ truncated: true, from: A6, to: B6 });
    expect(read(packet.subarray(0, 48))).toEqual({ protocol: 6, truncated: true, from: A6, to: B6 });
    expect(read(packet.subarray(0, 50))).toMatchObject({ protocol: 6, sourcePort: 7, truncated: true });
    expect(read(packet.subarray(0, 52))).toMatchObject({ destinationPort: 8, truncated: false });
  });

  it.each([
    ["nothing", ""],
    ["another protocol", "2345 0000"],
    ["half an IPv4 header", "4500 003c 1c46 4000 4006 b1e6 ac10 0a63"],
  ])("gives nothing for %s", (_, text) => {
    expect(parsePacket(hex(text))).toBeUndefined();
  });

  it("believes no header that is too short to hold its addresses", () => {
    const packet = ipPacket(A4, B4, 6, tcp(1, 2));
    packet[0] = 0x42;
    expect(read(packet)).toEqual({ protocol: 6, truncated: true, from: A4, to: B4 });
  });
});

describe("parsePacket, of random bytes", () => {
  const version = fc.constantFrom(0x45, 0x46, 0x4f, 0x60, 0x65);
  const bytes = fc.tuple(version, fc.uint8Array({ maxLength: 256 })).map(([first, rest]) => {
    const packet = Buffer.from(rest);
    if (packet.length > 0) packet[0] = first;
    return packet;
  });
  /** Random bytes rarely are extension headers: these mostly are. */
  const extended = fc
    .array(fc.tuple(fc.constantFrom(0, 6, 17, 43, 44, 51, 60), fc.integer({ min: 0, max: 3 })), {
      maxLength: 12,
    })
    .map((headers) =>
      ipPacket(A6, B6, 0, Buffer.alloc(8), {
        extensions: Buffer.concat(
          headers.map(([next, length]) => {
            const header = Buffer.alloc(8 + length * 8);
            header[0] = next;
            header[1] = length;
            return header;
          }),
        ),
      }),
    );

  const isSound = ({ family, source, destination, ...packet }: IpPacket): boolean => {
    const port = (value: number | undefined): boolean =>
      value === undefined || (Number.isInteger(value) && value >= 0 && value <= 65_535);
    const limit = 1n << (family === 4 ? 32n : 128n);
    return (
      source.family === family &&
      destination.family === family &&
      source.value >= 0n &&
      source.value < limit &&
      destination.value < limit &&
      port(packet.sourcePort) &&
      port(packet.destinationPort) &&
      (packet.fragmentOffset === undefined || packet.destinationPort === undefined)
    );
  };

  it("never throws, and gives sound values", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, extended), (packet) => {
        const parsed = parsePacket(packet);
        return parsed === undefined || isSound(parsed);
      }),
      { numRuns: 5000 },
    );
  });

  it("says of a shorter copy nothing but what it says of the whole", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, extended), fc.nat(256), (packet, length) => {
        const whole = parsePacket(packet);
        const part = parsePacket(packet.subarray(0, length));
        if (part === undefined) return;
        const { truncated: _, ...known } = part;
        expect(whole).toMatchObject(known);
      }),
      { numRuns: 5000 },
    );
  });
});
