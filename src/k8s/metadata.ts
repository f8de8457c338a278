import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  readBooleanField,
  readList,
  readMapping,
  readTextField,
  readUniqueTextField,
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
const NAME = [...METADATA, "name"] as const;
const NAMESPACE = [...METADATA, "namespace"] as const;
const LABELS = [...METADATA, "labels"] as const;
const OWNER_REFERENCES = [...METADATA, "ownerReferences"] as const;

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
  const labels = readLabels(check, metadata.labels, LABELS, "object");
  const controller = readController(check, metadata.ownerReferences);
  return { name, labels, ...(controller === undefined ? {} : { controller }) };
}

/** Reads `metadata.namespace`; `default` if there is none. */
export function readNamespace(check: Check, value: Readonly<Record<string, unknown>>): string {
  if (!isMapping(value.metadata)) return DEFAULT_NAMESPACE;
  const namespace = readTextField(check, value.metadata, METADATA, "namespace");
  if (namespace === undefined || namespace === "") return DEFAULT_NAMESPACE;
  const fault = dnsLabelFault(namespace);
  if (fault !== undefined) {
    addError(check, NAMESPACE, {
      code: "bad-name",
      message: `The namespace ${inWords(namespace)} ${fault}.`,
    });
  }
  return namespace;
}

function readName(
  check: Check,
  metadata: Readonly<Record<string, unknown>>,
  nameFault: (name: string) => string | undefined,
): string {
  const name = readUniqueTextField(check, metadata, METADATA, "name") ?? "";
  if (name === "") {
    if (isAbsent(metadata.name) || metadata.name === "") {
      addError(check, NAME, {
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
    addError(check, NAME, {
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
  const list = readList(check, value, OWNER_REFERENCES) ?? [];
  for (let index = 0; index < list.length; index++) {
    const path = [...OWNER_REFERENCES, index];
    const owner = readMapping(check, list[index], path);
    if (owner === undefined) continue;
    if (readBooleanField(check, owner, path, "controller") !== true) continue;
    const kind = readTextField(check, owner, path, "kind");
    const name = readTextField(check, owner, path, "name");
    if (kind !== undefined && name !== undefined) return { kind, name };
  }
  return undefined;
}
