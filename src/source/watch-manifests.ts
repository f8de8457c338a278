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
  let known = first;
  while (!signal.aborted) {
    try {
      await sleep(POLL_MILLIS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const files = await readManifestFiles(paths);
    if (sameSources(files, known)) continue;
    known = files;
    await onChange(files);
  }
}

function sameSources(one: ManifestFiles, other: ManifestFiles): boolean {
  return (
    one.sources.length === other.sources.length &&
    one.sources.every(({ file, text }, i) => {
      const { file: otherFile, text: otherText } = other.sources[i]!;
      return file === otherFile && sameText(text, otherText);
    })
  );
}

function sameText(one: string | Uint8Array, other: string | Uint8Array): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return Buffer.compare(one, other) === 0;
}
