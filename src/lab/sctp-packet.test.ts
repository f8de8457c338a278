import { describe, expect, it } from "vitest";
import {
  parseSctp,
  SCTP_ABORT,
  SCTP_INIT,
  SCTP_INIT_ACK,
  sctpAbort,
  sctpInit,
  sctpInitAck,
} from "./sctp-packet.ts";

describe("SCTP packets", () => {
  const init = parseSctp(sctpInit(40000, 3868, 0xdeadbeef));

  it("reads back an INIT", () => {
    expect(init).toEqual({
      sourcePort: 40000,
      destinationPort: 3868,
      verificationTag: 0,
      chunk: SCTP_INIT,
      initiateTag: 0xdeadbeef,
    });
  });

  it("answers with ports swapped and the tag of the INIT", () => {
    expect(parseSctp(sctpInitAck(init!, 7))).toEqual({
      sourcePort: 3868,
      destinationPort: 40000,
      verificationTag: 0xdeadbeef,
      chunk: SCTP_INIT_ACK,
      initiateTag: 7,
    });
    const abort = parseSctp(sctpAbort(init!));
    expect(abort?.chunk).toBe(SCTP_ABORT);
    expect(abort?.verificationTag).toBe(0xdeadbeef);
  });

  it("refuses a damaged or short packet", () => {
    const bytes = sctpInit(1, 2, 3);
    bytes[20] = 9;
    expect(parseSctp(bytes)).toBeUndefined();
    expect(parseSctp(Buffer.alloc(12))).toBeUndefined();
  });
});
