import type { Check } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";

/** The fields of every object that is read. */
export const OBJECT_FIELDS: readonly string[] = ["apiVersion", "kind", "metadata", "spec", "status"];

/** The fields of meta/v1 ObjectMeta, with the two that old clusters still print. */
export const OBJECT_META_FIELDS: readonly string[] = [
  "name",
  "generateName",
  "namespace",
  "labels",
  "annotations",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "ownerReferences",
  "finalizers",
  "managedFields",
  "selfLink",
  "clusterName",
];

const IN_METADATA = "belongs to the metadata: indent it under metadata:.";

const IN_METADATA_BY_NAME = {
  labels: `labels ${IN_METADATA}`,
  annotations: `annotations ${IN_METADATA}`,
  name: `name ${IN_METADATA}`,
  namespace: `namespace ${IN_METADATA}`,
};

const IN_SPEC = [
  "template",
  "replicas",
  "selector",
  "containers",
  "initContainers",
  "hostNetwork",
  "nodeName",
];

const IN_SPEC_BY_NAME = Object.fromEntries(IN_SPEC.map((field) => [field, `Indent ${field} under spec:.`]));

const ELSEWHERE = { ...IN_METADATA_BY_NAME, ...IN_SPEC_BY_NAME };

/** By kind: only kinds that are read, of which there are few. */
const objectFields = new Map<string, FieldSet>();

const METADATA: FieldSet = {
  name: "metadata",
  fields: OBJECT_META_FIELDS,
  elsewhere: {
    spec: "spec belongs at the indent of metadata.",
    status: "status belongs at the indent of metadata.",
  },
  otherwise: (key, value) =>
    typeof value === "string" ? `If it is a label, write labels: {${key}: ${value}}.` : undefined,
};

const TEMPLATE: FieldSet = {
  name: "A pod template",
  fields: ["metadata", "spec"],
  elsewhere: ELSEWHERE,
};

/** Reports the fields of an object, other than a NetworkPolicy, that no object has. */
export function checkObjectFields(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  kind: string,
): void {
  let set = objectFields.get(kind);
  if (set === undefined) {
    set = { name: `A ${kind}`, fields: OBJECT_FIELDS, elsewhere: ELSEWHERE };
    objectFields.set(kind, set);
  }
  checkFields(check, value, [], set);
}

/** Reports the fields of `metadata` that do not exist: the labels that one of them was to give are missing. */
export function checkMetadataFields(
  check: Check,
  metadata: Readonly<Record<string, unknown>>,
  path: FieldPath,
): void {
  checkFields(check, metadata, path, METADATA);
}

/** Reports the fields of a pod template (core/v1 PodTemplateSpec) that do not exist. */
export function checkTemplateFields(
  check: Check,
  template: Readonly<Record<string, unknown>>,
  path: FieldPath,
): void {
  checkFields(check, template, path, TEMPLATE);
}
