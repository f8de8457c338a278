// Everything that can change in a cluster, from the API server to packets, while other packets flow.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("agents of two nodes", new URL("./changes-scenario.ts", import.meta.url));
