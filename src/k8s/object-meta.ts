import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  pathInWords,
  readBooleanField,
  readList,
  readText,
  readTextField,
  wrongType,
} from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import { dnsSubdomainFault, labelKeyFault } from "./names.ts";

/** Whether a kind is one of Kubernetes' own, or that of a custom resource definition, of which less is asked. */
export type KindOf = "built-in" | "custom";

type Mapping = Readonly<Record<string, unknown>>;

const METADATA = ["metadata"] as const;

const TEXT_FIELDS = ["uid", "resourceVersion", "selfLink"];
const NUMBER_FIELDS = ["generation", "deletionGracePeriodSeconds"];
const TIME_FIELDS = ["creationTimestamp", "deletionTimestamp"];

const OWNER: FieldSet = {
  name: "An owner reference",
  fields: ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"],
};

const MOST_ANNOTATION_BYTES = 256 * 1024;

const STANDARD_FINALIZERS: readonly string[] = ["kubernetes", "orphan", "foregroundDeletion"];

/**
 * Reports what the API server refuses in meta/v1 ObjectMeta, apart from name, namespace and labels, and from the types
 * of annotations (`ValidateObjectMeta`). None of it says anything about traffic, but an object with it is not stored.
 */
export function checkObjectMeta(check: Check, metadata: Mapping, kindOf: KindOf): void {
  for (const field of TEXT_FIELDS) readTextField(check, metadata, METADATA, field);
  for (const field of NUMBER_FIELDS) checkNumber(check, metadata[field], [...METADATA, field]);
  for (const field of TIME_FIELDS) checkTime(check, metadata[field], [...METADATA, field]);
  checkGenerateName(check, metadata);
  if (isMapping(metadata.annotations)) checkAnnotations(check, metadata.annotations);
  checkOwners(check, metadata.ownerReferences);
  checkFinalizers(check, metadata.finalizers, kindOf);
}

function checkNumber(check: Check, value: unknown, path: FieldPath): void {
  if (isAbsent(value) || Number.isInteger(value)) return;
  wrongType(check, value, path, "a whole number");
}

function checkTime(check: Check, value: unknown, path: FieldPath): void {
  const text = readText(check, value, path);
  if (text === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[-+]\d\d:\d\d)$/.test(text)) return;
  addError(check, path, {
    code: "unknown-value",
    message: `${pathInWords(path)} is ${inWords(text)}, which is no time.`,
    help: "Remove it: the API server fills it in.",
  });
}

function checkGenerateName(check: Check, metadata: Mapping): void {
  const text = readTextField(check, metadata, METADATA, "generateName");
  if (text === undefined || text === "") return;
  // What is added comes after a dash at its end.
  const fault = dnsSubdomainFault(/.-$/.test(text) ? `${text.slice(0, -2)}a` : text);
  if (fault === undefined) return;
  addError(check, [...METADATA, "generateName"], {
    code: "bad-name",
    message: `generateName ${inWords(text)} ${fault}.`,
    help: isAbsent(metadata.name) ? undefined : "Remove it: the object has a name.",
  });
}

function checkAnnotations(check: Check, annotations: Mapping): void {
  const path = [...METADATA, "annotations"];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += bytes(key) + (typeof value === "string" ? bytes(value) : 0);
    // As a label key, but in either case.
    const fault = labelKeyFault(key.toLowerCase());
    if (fault === undefined) continue;
    addError(check, [...path, key], {
      code: "bad-name",
      message: `The key of the annotation ${inWords(key)} ${fault}.`,
      part: "key",
    });
  }
  if (size <= MOST_ANNOTATION_BYTES) return;
  addError(check, path, {
    code: "annotations-too-large",
    message: `The annotations have ${size} bytes; the API server takes ${MOST_ANNOTATION_BYTES} in all.`,
    help: "Remove what is too long. Of a policy that is too large for kubectl apply, use kubectl apply --server-side.",
    part: "key",
  });
}

function bytes(text: string): number {
  // Most texts are far too short to matter, and counting is slow.
  return text.length < 1024 ? text.length : new TextEncoder().encode(text).length;
}

function checkOwners(check: Check, value: unknown): void {
  const path = [...METADATA, "ownerReferences"];
  // That it is a list has been asked before, for the owner of pods.
  if (!Array.isArray(value)) return;
  let controllers = 0;
  value.forEach((item: unknown, index) => {
    const owner = isAbsent(item) ? {} : item;
    if (!isMapping(owner)) return;
    checkOwner(check, owner, [...path, index]);
    if (owner.controller === true && ++controllers === 2) {
      addError(check, [...path, index, "controller"], {
        code: "duplicate-item",
        message: "Two owners say that they control this object; there can be only one.",
        help: "Remove ownerReferences from a manifest: controllers write them.",
        part: "key",
      });
    }
  });
}

function checkOwner(check: Check, owner: Mapping, path: FieldPath): void {
  checkFields(check, owner, path, OWNER);
  for (const field of ["apiVersion", "kind", "name", "uid"]) {
    // A controller's own name and kind have been read before.
    const value = owner[field];
    const isRead = owner.controller === true && (field === "kind" || field === "name");
    if (!isRead) readTextField(check, owner, path, field);
    if (isAbsent(value) || value === "") {
      addError(check, [...path, field], {
        code: "missing-field",
        message: `${pathInWords([...path, field])} is missing.`,
        help: "Remove ownerReferences from a manifest: controllers write them.",
      });
    }
  }
  readBooleanField(check, owner, path, "blockOwnerDeletion");
  const { apiVersion } = owner;
  if (typeof apiVersion === "string" && apiVersion !== "" && !/^([^/]*\/)?[^/]+$/.test(apiVersion)) {
    addError(check, [...path, "apiVersion"], {
      code: "unsupported-version",
      message: `${inWords(apiVersion)} is no apiVersion.`,
      help: "Write GROUP/VERSION, or VERSION alone for the core group.",
    });
  }
}

function checkFinalizers(check: Check, value: unknown, kindOf: KindOf): void {
  const path = [...METADATA, "finalizers"];
  const list = readList(check, value, path) ?? [];
  list.forEach((item, index) => {
    const text = isAbsent(item) ? "" : readText(check, item, [...path, index]);
    if (text !== undefined) checkFinalizer(check, text, [...path, index], kindOf);
  });
  if (list.includes("orphan") && list.includes("foregroundDeletion")) {
    addError(check, path, {
      code: "one-of",
      message: "The finalizers orphan and foregroundDeletion exclude each other.",
      help: "Remove finalizers from a manifest: the API server sets these two.",
      part: "key",
    });
  }
}

function checkFinalizer(check: Check, text: string, path: FieldPath, kindOf: KindOf): void {
  const isLoose = kindOf === "built-in" && !text.includes("/") && !STANDARD_FINALIZERS.includes(text);
  const fault =
    labelKeyFault(text) ?? (isLoose ? "is no finalizer of Kubernetes, and has no domain" : undefined);
  if (fault === undefined) return;
  addError(check, path, {
    code: "bad-name",
    message: `The finalizer ${inWords(text)} ${fault}.`,
    help: "Write DOMAIN/NAME, such as example.com/cleanup, or remove it.",
  });
}
