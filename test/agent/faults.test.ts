// What goes wrong around agents, with packets that flow and a cluster that changes all the time.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("agents in trouble", new URL("./faults-scenario.ts", import.meta.url));
