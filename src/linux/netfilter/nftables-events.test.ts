import { beforeAll, expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "../../lab/testing/harness.ts";

// A user namespace has room for some 3,000 elements only (net.core.rmem_max).
const ELEMENTS = process.getuid?.() === 0 ? 100_000 : 2000;

interface Change {
  readonly tables: readonly string[];
  readonly tableDeleted: boolean;
}

interface Results {
  readonly small: {
    readonly applied: boolean[];
    readonly all: readonly Change[];
    readonly own: boolean[];
    readonly generations: unknown[];
    readonly others: readonly Change[];
  };
  readonly big: { readonly applied: boolean[]; readonly all: unknown; readonly others: unknown };
  readonly overrun: { readonly codes: number[]; readonly told: unknown };
  readonly closed: unknown;
  readonly library: boolean;
}

const change = (processName: string, tables: string[], tableDeleted = false): unknown => ({
  tables,
  tableDeleted,
  process: true,
  processName,
});

describeUnless(skipReason(), "nftables events", () => {
  let results: Results;
  beforeAll(async () => {
    const { code, messages, output } = await runScript("../../linux/testing/nftables-events-script.ts", [
      String(ELEMENTS),
    ]);
    expect({ code, output }).toEqual({ code: 0, output: "" });
    results = messages[0] as Results;
  });

  it("come once per transaction in this namespace, with its tables and who made it", () => {
    const own = results.library ? expect.any(String) : "nft";
    expect(results.small.applied).toEqual([true, true, true, false, true, true, true, true, true, true]);
    expect(results.small.all).toEqual([
      change(own, ["inet podwall"]),
      change("nft", ["ip nat", "ip6 nat"]),
      change("nft", ["inet podwall", "ip nat"]),
      change("nft", ["inet podwall", "ip nat"]),
      change("nft", ["inet podwall"]),
      change(own, ["inet podwall"]),
      change("nft", ["ip6 nat"], true),
      change("nft", ["inet podwall", "ip nat"], true),
    ]);
    expect(results.small.generations.slice(1)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it("tell our own transactions from foreign ones by the port id, or leave them out", (context) => {
    if (!results.library) return context.skip("no libnftables.so.1 on this machine");
    const { all, own, others } = results.small;
    expect(own).toEqual([true, false, false, false, false, true, false, false]);
    expect(others).toEqual(all.filter((_, i) => !own[i]));
  });

  it("name the tables of a large transaction", (context) => {
    if (!results.library) return context.skip("no libnftables.so.1 on this machine");
    expect(results.big).toEqual({
      applied: [true, true],
      all: [change(expect.any(String) as unknown as string, ["inet podwall"]), change("nft", ["ip nat"])],
      others: [change("nft", ["ip nat"])],
    });
  });

  it("tell that some are lost, once all later ones will come", () => {
    expect(results.overrun).toEqual({
      codes: [0, 0, 0],
      told: [change("nft", ["bridge first"]), "overrun", 0, change("nft", ["arp heard"])],
    });
  });

  it("end when they are closed", () => {
    expect(results.closed).toEqual({ all: 0, others: 1 });
  });
});
