import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  readBoolean,
  readList,
  readMapping,
  readText,
} from "./check.ts";
import { readLabels } from "./labels.ts";
import { dnsLabelFault, dnsSubdomainFault } from "./names.ts";
import type { Labels, OwnerReference } from "./objects.ts";

/** meta/v1 ObjectMeta, as far as it matters here. */
export interface Metadata {
  readonly name: string;
  readonly labels: Labels;
  readonly controller?: OwnerReference;
}

/** The namespace of an object that names none. */
export const DEFAULT_NAMESPACE = "default";

const METADATA = ["metadata"] as const;

/** `Kind namespace/name` of a value that may be anything, for messages about it. */
export function describeObject(
  kind: string,
  value: Readonly<Record<string, unknown>>,
  namespaced: boolean,
): string {
  const metadata = isMapping(value.metadata) ? value.metadata : {};
  const name = typeof metadata.name === "string" && metadata.name !== "" ? metadata.name : "(without name)";
  if (!namespaced) return `${kind} ${name}`;
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : DEFAULT_NAMESPACE;
  return `${kind} ${namespace === "" ? DEFAULT_NAMESPACE : namespace}/${name}`;
}

/** Reads `metadata` but for the namespace. An object without a name is an error. */
export function readMetadata(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  nameFault: (name: string) => string | undefined = dnsSubdomainFault,
): Metadata {
  const metadata = readMapping(check, value.metadata, METADATA);
  if (isAbsent(value.metadata)) {
    addError(check, METADATA, {
      code: "missing-field",
      message: "The object has no metadata, hence no name.",
      help: "Add metadata with a name.",
    });
  }
  if (metadata === undefined) return { name: "", labels: {} };
  const name = readName(check, metadata, nameFault);
  const labels = readLabels(check, metadata.labels, [...METADATA, "labels"], "object");
  const controller = readController(check, metadata.ownerReferences);
  return { name, labels, ...(controller === undefined ? {} : { controller }) };
}

/** Reads `metadata.namespace`; `default` if there is none. */
export function readNamespace(check: Check, value: Readonly<Record<string, unknown>>): string {
  if (!isMapping(value.metadata)) return DEFAULT_NAMESPACE;
  const path = [...METADATA, "namespace"];
  const namespace = readText(check, value.metadata.namespace, path);
  if (namespace === undefined || namespace === "") return DEFAULT_NAMESPACE;
  const fault = dnsLabelFault(namespace);
  if (fault !== undefined) {
    addError(check, path, { code: "bad-name", message: `The namespace ${inWords(namespace)} ${fault}.` });
  }
  return namespace;
}

function readName(
  check: Check,
  metadata: Readonly<Record<string, unknown>>,
  nameFault: (name: string) => string | undefined,
): string {
  const path = [...METADATA, "name"];
  const name = readText(check, metadata.name, path) ?? "";
  if (name === "") {
    if (isAbsent(metadata.name) || metadata.name === "") {
      addError(check, path, {
        code: "missing-field",
        message: "metadata.name is missing.",
        help:
          typeof metadata.generateName === "string"
            ? `generateName makes a name only in a cluster; add a name here, such as ${metadata.generateName}1.`
            : "Add metadata.name.",
      });
    }
    return "";
  }
  const fault = nameFault(name);
  if (fault !== undefined) {
    addError(check, path, {
      code: "bad-name",
      message: `The name ${inWords(name)} ${fault}.`,
      help:
        nameFault(name.toLowerCase().replaceAll("_", "-")) === undefined
          ? `Use ${name.toLowerCase().replaceAll("_", "-")}.`
          : undefined,
    });
  }
  return name;
}

function readController(check: Check, value: unknown): OwnerReference | undefined {
  const path = [...METADATA, "ownerReferences"];
  for (const [index, item] of (readList(check, value, path) ?? []).entries()) {
    const owner = readMapping(check, item, [...path, index]);
    if (owner === undefined) continue;
    if (readBoolean(check, owner.controller, [...path, index, "controller"]) !== true) continue;
    const kind = readText(check, owner.kind, [...path, index, "kind"]);
    const name = readText(check, owner.name, [...path, index, "name"]);
    if (kind !== undefined && name !== undefined) return { kind, name };
  }
  return undefined;
}
