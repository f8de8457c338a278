import { setTimeout as sleep } from "node:timers/promises";
import { type ManifestFiles, readManifestFiles } from "./read-manifest-files.ts";

/** How often files are looked at, in milliseconds. Polling sees every editor's way of saving, on any file system. */
const POLL_MILLIS = 250;

/** Calls `onChange` with the files each time their names or contents differ from before, until `signal` aborts. */
export async function watchManifests(
  paths: readonly string[],
  first: ManifestFiles,
  onChange: (files: ManifestFiles) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let known = JSON.stringify(first.sources);
  while (!signal.aborted) {
    try {
      await sleep(POLL_MILLIS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const files = await readManifestFiles(paths);
    const now = JSON.stringify(files.sources);
    if (now === known) continue;
    known = now;
    await onChange(files);
  }
}
