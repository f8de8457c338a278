// A cluster that is filled at once, and emptied at once, while packets flow.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("agents in a burst of changes", new URL("./burst-scenario.ts", import.meta.url));
