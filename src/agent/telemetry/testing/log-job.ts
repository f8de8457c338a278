// Run by tests as a process of its own: writes lines, and ends in the way that the first argument says.

import { openLogStream } from "../log-stream.ts";
import { createLogger } from "../logger.ts";

const [, , how, count = "0"] = process.argv;
const logger = createLogger({ level: "info", node: "n1", stream: openLogStream() });
for (let n = 0; n < Number(count); n++) logger.info({ n }, "x".repeat(1000));

if (how === "exit") process.exit(0);
if (how === "throw") throw new Error("nobody catches this");
if (how === "ticks") {
  // As long as somebody waits for the reader, there are none.
  let ticks = 0;
  setInterval(() => {
    logger.info({ ticks }, "x".repeat(1000));
    if (++ticks < 20) return;
    process.stderr.write(`${ticks} ticks\n`);
    process.exit(0);
  }, 1);
}
