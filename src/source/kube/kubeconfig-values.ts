import { readFile } from "node:fs/promises";
import { inWords } from "../../k8s/check.ts";
import { KubeError } from "./kube-error.ts";
import { type KubeconfigEntry, pathFrom, unreadableFile } from "./kubeconfig-file.ts";

/** A text of an entry; undefined if it is absent or empty. `at` names the entry in messages. */
export function textOf(entry: KubeconfigEntry, field: string, at: string): string | undefined {
  const value = entry.fields[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  // Tokens and passwords are not for the eyes: only the type is said.
  throw new KubeError(
    "kubeconfig",
    `${field} of ${at} must be text, not ${typeof value === "object" ? inWords(value) : `a ${typeof value}`}.`,
    typeof value === "object" ? undefined : "Put it in quotes.",
  );
}

/** A boolean of an entry; undefined if it is absent. */
export function booleanOf(entry: KubeconfigEntry, field: string, at: string): boolean | undefined {
  const value = entry.fields[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw new KubeError("kubeconfig", `${field} of ${at} must be true or false, not ${inWords(value)}.`);
}

/** Certificates or a key, and where they came from: a file, or a field of the kubeconfig. */
export interface Pem {
  readonly pem: string;
  readonly from: string;
}

/** What `FIELD-data` holds in base64, else the file that `FIELD` names. Undefined if there is neither. */
export async function pemOf(entry: KubeconfigEntry, field: string, at: string): Promise<Pem | undefined> {
  const data = textOf(entry, `${field}-data`, at);
  if (data !== undefined) return checked({ pem: fromBase64(data), from: `${field}-data of ${at}` });
  const name = textOf(entry, field, at);
  if (name === undefined) return undefined;
  const file = pathFrom(entry, name);
  try {
    return checked({ pem: await readFile(file, "utf8"), from: file });
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw unreadableFile(file, `${field} (${at})`, error);
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

function checked(pem: Pem): Pem {
  if (pem.pem.includes("-----BEGIN ")) return pem;
  throw new KubeError(
    "kubeconfig",
    `${pem.from} holds no certificate or key in PEM.`,
    'PEM begins with "-----BEGIN"; a field ending in -data holds it in base64.',
  );
}
