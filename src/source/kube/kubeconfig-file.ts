import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isMapping } from "../../k8s/check.ts";
import { formatPosition } from "../../k8s/location.ts";
import { readDocuments } from "../../k8s/text-documents.ts";
import { decodeText } from "../decode-text.ts";
import { KubeError } from "./kube-error.ts";

/** A mapping of a kubeconfig and the file it stands in: paths in it are relative to that file's folder. */
export interface KubeconfigEntry {
  readonly file: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One kubeconfig file; entries by their names. */
export interface KubeconfigFile {
  readonly file: string;
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
}

/** Reads one file. Undefined if there is none. Throws a KubeError for what is no kubeconfig. */
export async function readKubeconfigFile(file: string): Promise<KubeconfigFile | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadableFile(file, "kubeconfig", error);
  }
  const { text } = decodeText(bytes);
  if (text === undefined)
    throw new KubeError("kubeconfig", `${file} is no kubeconfig: it is not text in UTF-8.`);
  return parseKubeconfig(file, text);
}

/** Reads the text of a kubeconfig; `file` names it in messages and is what its relative paths start from. */
export function parseKubeconfig(file: string, text: string | Uint8Array): KubeconfigFile {
  const values: unknown[] = [];
  const findings = readDocuments(file, text, ({ value }) => values.push(value));
  const wrong = findings.find(({ severity }) => severity === "error");
  if (wrong !== undefined) {
    throw new KubeError("kubeconfig", `${formatPosition(wrong.position)}: ${wrong.message}`, wrong.help);
  }
  const [value] = values;
  // kubectl takes an empty file for a kubeconfig without entries.
  if (value === undefined) return { file, currentContext: undefined, ...NO_ENTRIES };
  if (!isMapping(value) || (value.kind !== undefined && value.kind !== "Config")) {
    throw new KubeError(
      "kubeconfig",
      `${file} is no kubeconfig: its kind is not Config.`,
      "kubectl config view shows what one looks like.",
    );
  }
  const current = value["current-context"];
  return {
    file,
    currentContext: typeof current === "string" && current !== "" ? current : undefined,
    clusters: entries(file, value, "clusters", "cluster"),
    users: entries(file, value, "users", "user"),
    contexts: entries(file, value, "contexts", "context"),
  };
}

const NO_ENTRIES = {
  clusters: new Map<string, KubeconfigEntry>(),
  users: new Map<string, KubeconfigEntry>(),
  contexts: new Map<string, KubeconfigEntry>(),
};

function entries(
  file: string,
  config: Readonly<Record<string, unknown>>,
  list: string,
  field: string,
): Map<string, KubeconfigEntry> {
  const items = config[list] ?? [];
  const result = new Map<string, KubeconfigEntry>();
  if (!Array.isArray(items)) throw new KubeError("kubeconfig", `${file}: ${list} must be a list.`);
  for (const [index, item] of items.entries()) {
    const { name } = isMapping(item) ? item : {};
    const fields = isMapping(item) ? (item[field] ?? {}) : undefined;
    if (typeof name !== "string" || !isMapping(fields)) {
      throw new KubeError("kubeconfig", `${file}: ${list}[${index}] must have a name and a ${field}.`);
    }
    if (!result.has(name)) result.set(name, { file, fields });
  }
  return result;
}

/** The path of a file that an entry names. */
export function pathFrom(entry: KubeconfigEntry, path: string): string {
  return resolve(dirname(entry.file), path);
}

/** A file that is needed and cannot be read, in words. `what` is what it is to hold. */
export function unreadableFile(file: string, what: string, error: unknown): KubeError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOENT"
      ? "there is no such file"
      : code === "EACCES" || code === "EPERM"
        ? "you may not read it"
        : code === "EISDIR"
          ? "it is a folder"
          : message;
  return new KubeError("kubeconfig", `The ${what} ${file} cannot be read: ${why}.`, undefined, {
    cause: error,
  });
}
