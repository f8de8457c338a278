import { describe, expect, it } from "vitest";
import {
  echoRequest,
  icmpFilter,
  internetChecksum,
  meansNobodyListens,
  parseIcmp,
  rawPayload,
} from "./icmp.ts";

describe("ICMP", () => {
  it("builds an echo request whose checksum verifies", () => {
    const request = echoRequest(4, 0x1234, 7);
    expect(request[0]).toBe(8);
    expect(internetChecksum(request)).toBe(0);
  });

  it("reads echo replies of both families", () => {
    for (const family of [4, 6] as const) {
      const reply = echoRequest(family, 5, 6);
      reply[0] = family === 4 ? 0 : 129;
      expect(parseIcmp(family, reply)).toEqual({ kind: "echo-reply", id: 5, sequence: 6 });
    }
  });

  it("finds the packet inside an error", () => {
    const inner = Buffer.alloc(28);
    inner[0] = 0x45;
    inner[9] = 132;
    inner.writeUInt16BE(40000, 20);
    const message = parseIcmp(4, Buffer.concat([Buffer.from([3, 2, 0, 0, 0, 0, 0, 0]), inner]));
    expect(message).toMatchObject({ kind: "error", type: 3, code: 2, protocol: 132 });
    if (message?.kind === "error") expect(message.cause.readUInt16BE(0)).toBe(40000);
  });

  it("is silent about what is cut short or of no concern", () => {
    expect(parseIcmp(4, Buffer.from([3, 2, 0]))).toBeUndefined();
    expect(parseIcmp(4, Buffer.from([3, 2, 0, 0, 0, 0, 0, 0, 0x45]))).toBeUndefined();
    expect(parseIcmp(6, Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
  });

  it("tells a closed port from a prohibition", () => {
    expect(meansNobodyListens(4, 3, 3)).toBe(true);
    expect(meansNobodyListens(4, 3, 13)).toBe(false);
    expect(meansNobodyListens(6, 1, 4)).toBe(true);
    expect(meansNobodyListens(6, 4, 1)).toBe(true);
    expect(meansNobodyListens(6, 1, 1)).toBe(false);
  });

  it("filters by type, and skips an IPv4 header with options", () => {
    expect([...icmpFilter(4)]).toEqual([0xf6, 0xff, 0xff, 0xff]);
    expect(icmpFilter(6)[16]).toBe(0xfd);
    expect(
      rawPayload(4, Buffer.concat([Buffer.from([0x46]), Buffer.alloc(23), Buffer.from("x")])).toString(),
    ).toBe("x");
  });
});
