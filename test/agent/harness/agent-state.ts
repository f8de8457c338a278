import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { STATE_FILE } from "../../../src/agent/state/state-file.ts";

/** Makes a state one from before the machine was started last. */
export function ageState(folder: string): void {
  const file = join(folder, STATE_FILE);
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString("utf8").split("\n");
  const aged = { ...(JSON.parse(head!) as object), boot: "of-another-start" };
  writeFileSync(file, gzipSync([JSON.stringify(aged), ...lines].join("\n")));
}

/** Cuts off its end, as a disk that was full. */
export function breakState(folder: string): void {
  const file = join(folder, STATE_FILE);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length >> 1));
}
