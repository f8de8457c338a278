import { type LabDescription, startControl } from "../control.ts";
import { sandboxEnd, startSandbox } from "../sandbox.ts";
import { TSX, testScript } from "./harness.ts";

/** The outer process of a lab, as a command would be: prints `ready PID-OF-INNER`, passes signals on, can be found. */
let pods: LabDescription["pods"] | undefined;
const sandbox = startSandbox({
  script: testScript("waiting-script.ts"),
  execArgv: TSX,
  onMessage(message) {
    pods = (message as LabDescription).pods;
    console.log(`ready ${sandbox.innerPid()}`);
  },
});
const control = await startControl(() => {
  const inner = sandbox.innerPid();
  return inner === undefined || pods === undefined ? undefined : { inner, pods };
});
process.exitCode = await sandboxEnd(sandbox);
await control.close();
