// What agents may do at the API server changes while they run: tokens that are replaced, rules that are taken and given.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("an agent and its rights", new URL("./rights-scenario.ts", import.meta.url));
