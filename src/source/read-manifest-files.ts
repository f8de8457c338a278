import type { InputFinding } from "../k8s/finding-codes.ts";
import type { ManifestSource } from "../k8s/manifests.ts";
import { decodeText } from "./decode-text.ts";
import { fileErrorFinding } from "./file-error.ts";
import { type FileKind, type ListedFile, listFiles, STDIN } from "./list-files.ts";
import { readFileBytes, readStreamBytes } from "./read-bytes.ts";

/** How manifest files are read. */
export interface ReadManifestOptions {
  /** Which files of folders are read; manifests if absent. */
  readonly kind?: FileKind;
  /** The standard input, read to its end when `-` is among the paths. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Files above this many bytes are refused; 2 GiB if absent, as much as the system reads at once. */
  readonly maxBytes?: number;
  /** Told now and then how many bytes of the standard input have come. */
  readonly onStdin?: (bytes: number) => void;
}

/** The texts that were read, and what could not be. */
export interface ManifestFiles {
  readonly sources: readonly ManifestSource[];
  readonly findings: readonly InputFinding[];
}

const MAX_BYTES = 2 ** 31 - 2;

/**
 * Reads manifests from files, folders and the standard input (`-`). What cannot be read is a finding, and does not
 * keep the rest from being read. Files keep the name that the user gave them, or that of their folder and below it.
 */
export async function readManifestFiles(
  paths: readonly string[],
  options: ReadManifestOptions = {},
): Promise<ManifestFiles> {
  const listed = await listFiles(paths, options.kind);
  const sources: ManifestSource[] = [];
  const findings: InputFinding[] = [...listed.findings];
  for (const file of listed.files) {
    const read = await readOne(file, options);
    if ("code" in read) findings.push(read);
    else sources.push(read);
  }
  return { sources, findings };
}

async function readOne(
  file: ListedFile,
  options: ReadManifestOptions,
): Promise<ManifestSource | InputFinding> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  if (file.size > maxBytes) return tooLarge(file.path, maxBytes);
  let bytes: Uint8Array;
  try {
    bytes =
      file.path === STDIN
        ? await readStreamBytes(options.stdin ?? process.stdin, maxBytes, options.onStdin)
        : await readFileBytes(file.path, file.size, maxBytes);
  } catch (error) {
    return fileErrorFinding(file.path, error);
  }
  // The standard input and pipes do not tell their size before.
  if (bytes.length > maxBytes) return tooLarge(file.path, maxBytes);
  const decoded = decodeText(bytes);
  if (decoded.text !== undefined) return { file: file.path, text: decoded.text };
  return {
    code: "not-text",
    severity: "error",
    position: { file: file.path, line: decoded.line, column: decoded.column },
    message: decoded.message,
    help: "Manifests are text in UTF-8. Convert the file, or unpack it if it is an archive.",
  };
}

function tooLarge(path: string, maxBytes: number): InputFinding {
  return {
    code: "too-large",
    severity: "error",
    position: { file: path, line: 0, column: 0 },
    message: `The file is larger than ${Math.round(maxBytes / 1024 / 1024)} MiB.`,
    help: "Split it into several files, or let kubectl print fewer kinds at a time.",
  };
}
