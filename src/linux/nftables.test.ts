import { beforeAll, describe, expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "../lab/testing/harness.ts";

// A user namespace may not have a send buffer beyond the system's limit: EMSGSIZE.
const BIG = process.getuid?.() === 0 ? 5_000_000 : 60_000;
const APPLIED = { ok: true, output: "", errors: "" };

interface Results {
  readonly library: Record<string, unknown> | "missing";
  readonly program: Record<string, unknown>;
  readonly home: unknown;
  readonly withoutNames: unknown;
  readonly big: unknown;
}

describeUnless(skipReason(), "nftables", () => {
  let results: Results;
  beforeAll(async () => {
    const { code, messages, output } = await runScript("../../linux/testing/nftables-script.ts", [
      String(BIG),
    ]);
    expect({ code, output }).toEqual({ code: 0, output: "" });
    results = messages[0] as Results;
  });

  describe.each(["library", "program"] as const)("through the %s", (way) => {
    it("applies scripts in its namespace only, one after another", (context) => {
      const result = results[way];
      if (result === "missing") return context.skip("no libnftables.so.1 on this machine");
      expect(result).toMatchObject({ applied: APPLIED, beside: 1, order: [true, true, true] });
    });

    it("applies nothing of a script that fails, and tells the line", (context) => {
      const result = results[way];
      if (result === "missing") return context.skip("no libnftables.so.1 on this machine");
      expect(result.tables).toEqual(["t"]);
      expect(result.wrong).toMatchObject({ ok: false });
      expect(result.refused).toMatchObject({ ok: false });
      const { errors } = result.wrong as { errors: string };
      expect(errors).toMatch(
        /^\/dev\/stdin:3:20-23: Error: No such file or directory\nadd element inet t gone/,
      );
      expect((result.refused as { errors: string }).errors).toMatch(
        /^\/dev\/stdin:2:27-[0-9]+: Error: Could not process rule: No such file or directory\ndelete element/,
      );
    });

    it("lists protocols and ports as numbers, and says what is not there", (context) => {
      const result = results[way];
      if (result === "missing") return context.skip("no libnftables.so.1 on this machine");
      const listing = result.listing as {
        set?: { elem: { concat: unknown[] }[] };
        rule?: { expr: unknown };
      }[];
      expect(
        listing.flatMap((each) => each.set?.elem.map(({ concat }) => concat.join()) ?? []).sort(),
      ).toEqual(["10.0.0.1,47,0", "10.0.0.1,6,443"]);
      expect(JSON.stringify(listing.find((each) => each.rule !== undefined))).toContain(
        '"right":["established","related"]',
      );
      expect(result.missing).toMatch(/^nft list table inet gone: Error: No such file or directory/);
      expect(result.closed).toBe("nftables: already closed");
    });
  });

  it("works in the namespace of the process", () => {
    expect(results.home).toEqual({ ...APPLIED, tables: 1 });
  });

  it("does not depend on the names in /etc", () => {
    expect(results.withoutNames).toEqual({ same: true, applied: APPLIED });
  });

  it("takes a large script as one transaction", () => {
    expect(results.big).toEqual({ ...APPLIED, complete: true });
  });
});
