// The agent itself with the rights of its container and of its ClusterRole: that they are enough, and all needed.

import { describeUnless } from "../../src/lab/testing/harness.ts";
import { describeScenario } from "../agent/harness/describe-scenario.ts";
import { rightsReason } from "./capabilities/rights-reason.ts";

const reason = rightsReason();
if (reason === undefined) {
  describeScenario("agents with few rights", new URL("./least-rights-scenario.ts", import.meta.url));
} else {
  describeUnless(reason, "agents with few rights", () => undefined);
}
