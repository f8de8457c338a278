import { beforeAll, expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "../../lab/testing/harness.ts";

interface Results {
  readonly noTable: number;
  readonly loaded: readonly number[];
  readonly sent: readonly number[];
}

describeUnless(skipReason(), "counters of rules", () => {
  let results: Results;
  beforeAll(async () => {
    const { code, messages, output } = await runScript("../../linux/testing/rule-counters-script.ts");
    expect({ code, output }).toEqual({ code: 0, output: "" });
    results = messages[0] as Results;
  });

  it("are added up for the chain, and for no other, of that table", () => {
    expect(results.loaded).toEqual([7, 5_000_000_003, 0, 3000, 0]);
  });

  it("are none where there is no table", () => {
    expect(results.noTable).toBe(0);
  });

  it("grow with packets", () => {
    expect(results.sent).toEqual([0, 3]);
  });
});
