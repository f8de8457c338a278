import type { Delta } from "./delta.ts";
import { formatDelta } from "./delta.ts";

/** The seam to the kernel of one node. */
export interface Kernel {
  /** Applies a script as one transaction: all of it, or nothing. Rejects with a {@link KernelError}. */
  apply(script: string): Promise<void>;
}

/** The kernel, or nft, refused a transaction. Nothing of it was applied. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  /** What nft printed. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/**
 * In a user namespace nft cannot raise its socket's send buffer, and a transaction past some 200 KB is refused
 * (EMSGSIZE). The first load, before any packet flows, may be cut.
 */
const PIECE_BYTES = 64 * 1024;

/** Applies a delta in one transaction. */
export async function applyDelta(kernel: Kernel, delta: Delta): Promise<void> {
  if (delta.length === 0) return;
  try {
    await kernel.apply(formatDelta(delta));
  } catch (error) {
    throw error instanceof KernelError ? explained(error, delta) : error;
  }
}

/**
 * Loads a first program, in pieces if it is large: the base chains get their rules in the last of them. Use it
 * only where no packet flows yet.
 */
export async function applyFirstLoad(kernel: Kernel, delta: Delta): Promise<void> {
  let piece: Delta[number][] = [];
  let size = 0;
  for (const operation of delta) {
    if (size + operation.command.length > PIECE_BYTES && piece.length > 0) {
      await applyDelta(kernel, piece);
      piece = [];
      size = 0;
    }
    piece.push(operation);
    size += operation.command.length;
  }
  await applyDelta(kernel, piece);
}

/** nft names the line of the script: that line is one operation. */
function explained(error: KernelError, delta: Delta): KernelError {
  const line = /\/dev\/stdin:(\d+):|^-:(\d+):/m.exec(error.output);
  const operation = line === null ? undefined : delta[Number(line[1] ?? line[2]) - 1];
  if (operation === undefined) return error;
  return new KernelError(
    `nft refused ${operation.target} (${operation.command}): ${firstLine(error.output)}`,
    error.output,
  );
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
