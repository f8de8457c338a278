import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  pathInWords,
  readMapping,
  wrongType,
} from "./check.ts";
import { checkSpelling } from "./fields.ts";
import { unquoteFix } from "./input-fixes.ts";
import { readLabelSelector } from "./label-selector.ts";
import { readLabels } from "./labels.ts";
import type { FieldPath } from "./location.ts";
import { readMetadata, readNamespace } from "./metadata.ts";
import { checkMetadataFields, checkTemplateFields } from "./object-fields.ts";
import type { LabelSelector, Labels, PodTemplate, Workload, WorkloadKind } from "./objects.ts";
import { readPodSpec } from "./pod-template.ts";
import { selectorMatches } from "./selector.ts";

/** The most pods that one object may ask for: far beyond a real cluster, and still quick to work out. */
const MAX_REPLICAS = 100_000;

/** What is read of the spec of any workload. No other field of theirs is spelt nearly like these. */
const SPEC_FIELDS = ["replicas", "parallelism", "selector", "template", "jobTemplate"];

/** Reads an object that makes pods. To be used only if the check has no errors. */
export function readWorkload(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  kind: WorkloadKind,
): Workload {
  const { name, controller } = readMetadata(check, value);
  const namespace = readNamespace(check, value);
  const spec = readMapping(check, value.spec, ["spec"]);
  if (spec !== undefined) checkSpelling(check, spec, ["spec"], `The spec of a ${kind}`, SPEC_FIELDS);
  if (isAbsent(value.spec)) missing(check, ["spec"], "Add spec with a template for the pods.");
  const template = readTemplate(check, spec ?? {}, kind);
  if (spec !== undefined && template !== undefined) checkSelector(check, spec, kind, template.labels);
  return {
    kind,
    namespace,
    name,
    replicas: readReplicas(check, spec ?? {}, kind),
    template: template ?? { labels: {}, ports: [], hostNetwork: false },
    ...(kind === "Job" && isFinished(value.status) ? { finished: true } : {}),
    ...(controller === undefined ? {} : { controller }),
    origin: check.origin,
  };
}

/** batch/v1 JobStatus: a Job ends with the condition Complete or Failed. Nobody writes a status by hand: no findings. */
function isFinished(status: unknown): boolean {
  if (!isMapping(status) || !Array.isArray(status.conditions)) return false;
  return status.conditions.some(
    (c: unknown) => isMapping(c) && (c.type === "Complete" || c.type === "Failed") && c.status === "True",
  );
}

function missing(check: Check, path: FieldPath, help: string): void {
  addError(check, path, { code: "missing-field", message: `${pathInWords(path)} is missing.`, help });
}

function readReplicas(check: Check, spec: Readonly<Record<string, unknown>>, kind: WorkloadKind): number {
  if (kind === "DaemonSet" || kind === "CronJob") return 1;
  const field = kind === "Job" ? "parallelism" : "replicas";
  const value = spec[field];
  if (isAbsent(value)) return 1;
  const path = ["spec", field];
  if (typeof value !== "number") {
    wrongType(
      check,
      value,
      path,
      "a number",
      typeof value === "string" ? "Write it without quotes." : undefined,
      unquoteFix(check, path, value),
    );
    return 1;
  }
  if (Number.isInteger(value) && value >= 0 && value <= MAX_REPLICAS) return value;
  if (Number.isInteger(value) && value > MAX_REPLICAS) {
    addError(check, path, {
      code: "too-many-replicas",
      message: `${field} asks for ${value} pods; at most ${MAX_REPLICAS} can be worked out.`,
      help: "Correct the number, or write a smaller one: policies go by labels, which the replicas share.",
    });
    return 1;
  }
  addError(check, path, {
    code: "bad-replicas",
    message: `${field} must be a whole number that is not negative, not ${value}.`,
  });
  return 1;
}

function readTemplate(
  check: Check,
  spec: Readonly<Record<string, unknown>>,
  kind: WorkloadKind,
): PodTemplate | undefined {
  if (kind !== "CronJob") return readPodTemplate(check, spec.template, ["spec", "template"]);
  const job = readMapping(check, spec.jobTemplate, ["spec", "jobTemplate"]);
  const jobSpec = readMapping(check, job?.spec, ["spec", "jobTemplate", "spec"]);
  return readPodTemplate(check, jobSpec?.template, ["spec", "jobTemplate", "spec", "template"]);
}

function readPodTemplate(check: Check, value: unknown, path: FieldPath): PodTemplate | undefined {
  // A parent that could not be read has been reported.
  if (isAbsent(value) && check.errors === 0) {
    missing(check, path, "Add the template for the pods, with metadata.labels and spec.");
  }
  const template = readMapping(check, value, path);
  if (template === undefined) return undefined;
  checkTemplateFields(check, template, path);
  const metadata = readMapping(check, template.metadata, [...path, "metadata"]);
  if (metadata !== undefined) checkMetadataFields(check, metadata, [...path, "metadata"]);
  const labels = readLabels(check, metadata?.labels, [...path, "metadata", "labels"], "object");
  return readPodSpec(check, template.spec, [...path, "spec"], labels);
}

/** Warns of a selector that is empty or does not select the template's labels: the API server would refuse it. */
function checkSelector(
  check: Check,
  spec: Readonly<Record<string, unknown>>,
  kind: WorkloadKind,
  labels: Labels,
): void {
  // Jobs get their selector from the cluster, and a ReplicationController without one takes the template's labels.
  if (kind === "Job" || kind === "CronJob" || isAbsent(spec.selector)) return;
  const path = ["spec", "selector"];
  const before = check.errors;
  const selector: LabelSelector | undefined =
    kind === "ReplicationController"
      ? { matchLabels: readLabels(check, spec.selector, path, "selector") }
      : readLabelSelector(check, spec.selector, path);
  if (selector === undefined || check.errors > before) return;
  if (kind !== "ReplicationController" && isEmptySelector(selector)) {
    addWarning(check, path, {
      code: "selector-mismatch",
      message: `spec.selector is empty, which the selector of a ${kind} must not be.`,
      help: "Write the labels of the pod template into matchLabels; Kubernetes refuses the workload otherwise.",
      part: "key",
    });
    return;
  }
  if (selectorMatches(selector, labels)) return;
  const [key, wanted] =
    Object.entries(selector.matchLabels ?? {}).find(
      ([k, v]) => !Object.hasOwn(labels, k) || labels[k] !== v,
    ) ?? [];
  addWarning(check, path, {
    code: "selector-mismatch",
    message:
      key === undefined
        ? "spec.selector does not select the labels of the pod template."
        : `spec.selector asks for ${key}=${wanted}, but the pod template has ${
            isMapping(labels) && Object.hasOwn(labels, key) ? inWords(labels[key]) : "no such label"
          }.`,
    help: "Give the pod template the labels that the selector asks for; Kubernetes refuses the workload otherwise.",
    part: "key",
  });
}

function isEmptySelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
