import { open } from "node:fs/promises";

/**
 * All bytes of a file, in memory only once. `size` is what the system says of it: pipes and the like say 0, and files
 * may grow or shrink meanwhile. Reads no more than `limit` bytes, and one to tell that there are more.
 */
export async function readFileBytes(path: string, size: number, limit: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    let bytes = new Uint8Array(Math.min(Math.max(size, 4096), limit) + 1);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled > limit) return bytes.subarray(0, filled);
      if (filled === bytes.length) bytes = grown(bytes, Math.min(filled * 2, limit + 1));
    }
  } finally {
    await file.close();
  }
}

/** All bytes of a stream, or the first ones above `limit` bytes. */
export async function readStreamBytes(
  stream: AsyncIterable<Uint8Array | string>,
  limit: number,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(65_536);
  let filled = 0;
  for await (const part of stream) {
    const chunk = typeof part === "string" ? Buffer.from(part) : part;
    const needed = filled + chunk.length;
    if (needed > bytes.length) bytes = grown(bytes, Math.max(needed, Math.min(bytes.length * 2, limit + 1)));
    bytes.set(chunk, filled);
    filled = needed;
    onBytes?.(filled);
    if (filled > limit) break;
  }
  return bytes.subarray(0, filled);
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(length);
  more.set(bytes);
  return more;
}
