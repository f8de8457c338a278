import { beforeAll, expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "../../lab/testing/harness.ts";

interface Results {
  readonly small: unknown;
  readonly taken: string;
  readonly flood: unknown;
  readonly closed: unknown;
}

const IPV4 = { family: 4, version: 4 };
const IPV6 = { family: 6, version: 6 };
const OUT = { prefix: "asked out", hook: 3, outInterface: 1, ports: [5000, 53], data: "question" };
const IN = { prefix: "asked in", hook: 1, inInterface: 1, ports: [5000, 53], data: "question" };
const LONG = { prefix: "", hook: 3, outInterface: 1, ports: [5000, 55], length: 256, data: "longlong" };

describeUnless(skipReason(), "NFLOG", () => {
  let results: Results;
  beforeAll(async () => {
    const { code, messages, output } = await runScript("../../linux/testing/nflog-script.ts");
    expect({ code, output }).toEqual({ code: 0, output: "" });
    results = messages[0] as Results;
  });

  it("gives the packets of its group in its namespace, up to 256 bytes of each", () => {
    expect(results.small).toEqual([
      { ...IPV4, ...OUT, length: 36 },
      { ...IPV4, ...IN, length: 36 },
      { ...IPV4, ...LONG },
      { ...IPV6, ...OUT, length: 56 },
      { ...IPV6, ...IN, length: 56 },
      { ...IPV6, ...LONG },
    ]);
  });

  it("says that another has the group", () => {
    expect(results.taken).toBe("join NFLOG group 86: EPERM");
  });

  it("survives more packets than it has room for, and counts that", () => {
    expect(results.flood).toEqual({ lost: true, some: true, after: ["asked out", "asked in"] });
  });

  it("gives nothing after it was closed, and the group is free", () => {
    expect(results.closed).toEqual([]);
  });
});
