import { type Delta, deltaBytes, deltaOf, formatDelta } from "../program/delta.ts";
import { deltaPhases } from "../program/delta-phases.ts";
import type { Program, ProgramChange, SetDeclaration } from "../program/program.ts";

/** The seam to the kernel of one node. */
export interface Kernel {
  /** Applies a script as one transaction: all of it, or nothing. Rejects with a {@link KernelError}. */
  apply(script: string): Promise<void>;
  /** What the table `inet podwall` holds now; the empty program, if there is no such table. */
  read(): Promise<Program>;
  /** Some sets of the table as they are now, at less expense. Rejects if one is not there. */
  readSets(sets: readonly SetDeclaration[]): Promise<Program["sets"]>;
  /** The netlink port of its own transactions, by which others are told apart; undefined where it has none. */
  readonly portId?: number | undefined;
  close(): void;
}

/** The kernel, or nft, refused a transaction. Nothing of it was applied. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  /** What nft printed. */
  readonly output: string;
  /** What the refused operation was for, `chain NAME` or `set NAME`; undefined where nft does not say. */
  readonly target: string | undefined;

  constructor(message: string, output: string, target?: string) {
    super(message);
    this.output = output;
    this.target = target;
  }
}

/**
 * In a user namespace nft cannot raise its socket's send buffer, and a transaction past some 200 KB is refused
 * (EMSGSIZE). What may be cut is cut, so that it works there as well.
 */
export const PIECE_BYTES: number = 64 * 1024;
/** Even where any size is possible: other programs on the node wait for a transaction. */
const LARGE_PIECE_BYTES = 1024 * 1024;

/** Applies a delta in one transaction. */
export async function applyDelta(kernel: Pick<Kernel, "apply">, delta: Delta): Promise<void> {
  if (delta.length === 0) return;
  try {
    await kernel.apply(formatDelta(delta));
  } catch (error) {
    throw error instanceof KernelError ? explained(error, delta) : error;
  }
}

/**
 * Applies a change. What packets notice of it is one transaction. New chains and sets come before it in one of their
 * own: a packet on its way through the rules goes on in those of the moment when it set out, while maps and sets answer
 * it as of now. A verdict map would send it to a chain which, to that packet, has no rules yet, and at the end of an
 * empty chain it passes.
 */
export async function applyChange(kernel: Kernel, change: ProgramChange, mayBeLarge: boolean): Promise<void> {
  const limit = mayBeLarge ? LARGE_PIECE_BYTES : PIECE_BYTES;
  const { prepare, change: atOnce, clean } = deltaPhases(deltaOf(change), change);
  await applyInPieces(kernel, prepare, limit);
  // What packets on their way still need of chains and sets that go, the kernel keeps for them.
  const rest = [...atOnce, ...clean];
  if (deltaBytes(rest) <= limit) return applyDelta(kernel, rest);
  await applyDelta(kernel, atOnce);
  await applyInPieces(kernel, clean, limit);
}

/** Applies operations that no packet notices, in transactions of a limited size in bytes. */
export async function applyInPieces(
  kernel: Pick<Kernel, "apply">,
  delta: Delta,
  limit: number,
): Promise<void> {
  let piece: Delta[number][] = [];
  let size = 0;
  for (const operation of delta) {
    if (size + operation.command.length > limit && piece.length > 0) {
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
  const { target, command } = operation;
  const shown = command.length > 200 ? `${command.slice(0, 200)}...` : command;
  return new KernelError(`nft refused ${target} (${shown}): ${reasonIn(error.output)}`, error.output, target);
}

/** `No such file or directory`, out of `/dev/stdin:2:1-8: Error: No such file or directory` and what follows it. */
function reasonIn(output: string): string {
  const first = output.trim().split("\n")[0] ?? "";
  return first.replace(/^.*?Error: /, "");
}
