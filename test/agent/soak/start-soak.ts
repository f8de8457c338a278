// Started by scripts/agent-soak.mjs: MINUTES SEED.
import { fileURLToPath } from "node:url";
import { sandboxEnd, startSandbox } from "../../../src/lab/sandbox.ts";
import { skipReason } from "../harness/skip-reason.ts";

const reason = skipReason();
if (reason !== undefined) {
  console.error(`podwall: no soak here: ${reason}`);
  process.exit(2);
}
const sandbox = startSandbox({
  script: fileURLToPath(new URL("./soak-script.ts", import.meta.url)),
  args: process.argv.slice(2),
  execArgv: ["--import", "tsx"],
});
process.exitCode = await sandboxEnd(sandbox);
process.stdout.write("\n");
