// How agents begin and end: without an API server, with and without a state, with and without rules in the kernel.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("the agent of a node", new URL("./beginnings-scenario.ts", import.meta.url));
