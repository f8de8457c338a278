import { beforeAll, expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "../../lab/testing/harness.ts";

interface Results {
  readonly empty: unknown;
  readonly count: unknown;
  readonly entries: readonly { entry: string; bits: string; mark: number; zone: string; id: boolean }[];
  readonly filtered: Record<string, string[]>;
  readonly elsewhere: number;
  readonly identity: unknown;
  readonly deleted: Record<string, string>;
  readonly left: string[];
}

const PLAIN = { mark: 0, zone: "0", id: true };
const UDP_TO = (port: number): string =>
  `IPv4 17: 10.0.0.1 5001 > 10.0.0.2 ${port} | 10.0.0.2 ${port} > 10.0.0.1 5001`;
const SERVICE4 = "IPv4 6: 10.0.0.1 40002 > 10.96.0.1 80 | 10.0.0.2 8080 > 10.0.0.1 40002";
const IPV6 = [
  "IPv6 17: fd00::1 5000 > fd00::2 53 | fd00::2 53 > fd00::1 5000",
  "IPv6 58: fd00::1 4660 > fd00::2 32768 | fd00::2 4660 > fd00::1 33024",
  "IPv6 6: fd00::1 40001 > fd00::2 8080 | fd00::2 8080 > fd00::1 40001",
  "IPv6 6: fd00::1 40002 > fd00:96::1 80 | fd00::2 8080 > fd00::1 40002",
];

describeUnless(skipReason(), "conntrack", () => {
  let results: Results;
  beforeAll(async () => {
    const { code, messages, output } = await runScript("../../linux/testing/conntrack-script.ts");
    expect({ code, output }).toEqual({ code: 0, output: "" });
    results = messages[0] as Results;
  });

  it("has nothing where nothing was sent", () => {
    expect(results.empty).toEqual({ dump: 0, count: 0 });
    expect(results.elsewhere).toBe(0);
  });

  it("dumps every field of connections of both families", () => {
    expect(results.entries).toEqual([
      {
        ...PLAIN,
        entry: "IPv4 17: 10.0.0.1 5000 > 10.0.0.2 53 | 10.0.0.2 53 > 10.0.0.1 5000",
        bits: "",
      },
      { ...PLAIN, entry: UDP_TO(1007), bits: "", zone: "7" },
      { ...PLAIN, entry: UDP_TO(1009), bits: "", zone: "9 original" },
      { ...PLAIN, entry: UDP_TO(1011), bits: "", zone: "11 reply" },
      { ...PLAIN, entry: UDP_TO(1042), bits: "", mark: 0xfedcba98 },
      {
        ...PLAIN,
        entry: "IPv4 1: 10.0.0.1 4660 > 10.0.0.2 2048 | 10.0.0.2 4660 > 10.0.0.1 0",
        bits: "seen-reply",
      },
      { ...PLAIN, entry: "IPv4 253: 10.0.0.1 0 > 10.0.0.2 0 | 10.0.0.2 0 > 10.0.0.1 0", bits: "" },
      {
        ...PLAIN,
        entry: "IPv4 6: 10.0.0.1 40001 > 10.0.0.2 8080 | 10.0.0.2 8080 > 10.0.0.1 40001",
        bits: "seen-reply,assured",
      },
      { ...PLAIN, entry: SERVICE4, bits: "seen-reply,assured,dnat" },
      { ...PLAIN, entry: IPV6[0], bits: "" },
      { ...PLAIN, entry: IPV6[1], bits: "seen-reply" },
      { ...PLAIN, entry: IPV6[2], bits: "seen-reply,assured" },
      { ...PLAIN, entry: IPV6[3], bits: "seen-reply,assured,dnat" },
    ]);
    expect(results.count).toEqual({ same: true });
  });

  it("dumps only those of an address", () => {
    expect(results.filtered).toEqual({
      "original destination 10.96.0.1": [SERVICE4],
      "reply source fd00::2": IPV6,
      "reply source 10.0.0.2": results.entries
        .map(({ entry }) => entry)
        .filter((entry) => entry.startsWith("IPv4")),
      "original source fd00::1": IPV6,
    });
  });

  it("deletes each of them, once", () => {
    expect(results.identity).toEqual({ other: "gone", this: "deleted", again: "gone" });
    const deleted = Object.entries(results.deleted);
    expect(deleted).toHaveLength(results.entries.length - 1);
    expect(deleted.filter(([, answer]) => answer !== "deleted")).toEqual([]);
    expect(results.left).toEqual([]);
  });
});
