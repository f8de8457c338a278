import { describeScenario } from "./describe-scenario.ts";

describeScenario("the cluster that agents are tested in", new URL("./harness-scenario.ts", import.meta.url));
