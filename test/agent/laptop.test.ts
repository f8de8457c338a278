// `podwall status`, `podwall flows` and the Events of policies, as a person sees them: of real agents that enforce.
import { describeScenario } from "./harness/describe-scenario.ts";

describeScenario("from a laptop, of agents that enforce", new URL("./laptop-scenario.ts", import.meta.url));
