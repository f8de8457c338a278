import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { type AgentState, readState, stateText } from "./state-text.ts";

/** The name of the state in its folder: gzip, text inside (`zcat` shows it). */
export const STATE_FILE = "state.jsonl.gz";

/**
 * Writes a state so that there is a whole one at every moment, whenever the machine loses its power. Creates the folder.
 * Rejects with what the file system said.
 */
export async function writeState(folder: string, state: AgentState): Promise<void> {
  const file = join(folder, STATE_FILE);
  const fresh = `${file}.new`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const text = Readable.from(stateText(state), { objectMode: true });
    // The least effort: a tenth of the size for hardly any time.
    await pipeline(text, createGzip({ level: 1 }), createWriteStream(fresh, { mode: 0o600 }));
    await synced(fresh);
    await rename(fresh, file);
    await synced(dirname(file));
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The state in a folder; undefined if there is none. Rejects if it cannot be read, or is not whole. */
export async function readStateFile(folder: string): Promise<AgentState | undefined> {
  const input = createReadStream(join(folder, STATE_FILE));
  const text = createGunzip();
  const reading = pipeline(input, text);
  try {
    const [, state] = await Promise.all([
      reading,
      readState(createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })),
    ]);
    return state;
  } catch (error) {
    reading.catch(() => undefined);
    input.destroy();
    text.destroy();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What tells one start of the machine from another (proc(5), `/proc/sys/kernel/random/boot_id`). */
export async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim();
}
