// The rights that the agent's container has are enough for the data plane, and all are needed.
import { describe, expect, it } from "vitest";
import { describeUnless } from "../../src/lab/testing/harness.ts";
import { runKernelScript } from "../kernel/run-kernel-script.ts";
import type { CapabilitiesRun } from "./capabilities/capabilities-script.ts";
import {
  PLAIN,
  PLAIN_WITH_NET_ADMIN,
  type Rights,
  ROOT_WITH_NET_ADMIN,
  ROOT_WITHOUT_NET_ADMIN,
} from "./capabilities/rights.ts";
import { rightsReason } from "./capabilities/rights-reason.ts";

const NET_ADMIN_ALONE = "0000000000001000";

function run(rights: Rights): Promise<CapabilitiesRun> {
  return runKernelScript("../deploy/capabilities/capabilities-script.ts", [JSON.stringify(rights)]);
}

describeUnless(rightsReason(), "the rights of the agent's container", () => {
  describe.each([ROOT_WITH_NET_ADMIN, PLAIN_WITH_NET_ADMIN])("$name", (rights) => {
    it("loads rules, compares, cuts, logs, repairs, looks at bridges; and the rules stay", async () => {
      const { messages, tables } = await run(rights);
      const uid = rights === ROOT_WITH_NET_ADMIN ? 0 : 65532;
      expect(messages[0]).toEqual({
        kind: "rights",
        status: [
          `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
          `CapEff:\t${NET_ADMIN_ALONE}`,
          `CapBnd:\t${NET_ADMIN_ALONE}`,
          "NoNewPrivs:\t1",
        ],
      });
      expect(messages).toContainEqual({ kind: "started", differences: 0 });
      expect(messages).toContainEqual({ kind: "closed", differences: 0 });
      expect(messages).toContainEqual({ kind: "cut", connections: expect.any(Number) });
      expect(messages).toContainEqual({
        kind: "flow",
        text: expect.stringMatching(/DENIED .*shop\/a -> shop\/b/),
      });
      expect(messages).toContainEqual({ kind: "repair" });
      expect(messages).toContainEqual({ kind: "bridge", code: expect.stringMatching(/^br-netfilter-/) });
      expect(messages.filter(({ kind }) => kind === "failed")).toEqual([]);
      expect(tables).toContain("table inet podwall");
    });
  });

  it.each([ROOT_WITHOUT_NET_ADMIN, PLAIN])("$name gets nothing done, and says why", async (rights) => {
    const { messages, tables } = await run(rights);
    expect(messages.map(({ kind }) => kind)).toEqual(["rights", "failed"]);
    expect(messages[1]).toEqual({
      kind: "failed",
      message: expect.stringContaining("lacks the capability NET_ADMIN"),
    });
    expect(tables).toBe("");
  });
});
