import { compareFindings, type Finding } from "./finding.ts";
import type { InputFinding } from "./finding-codes.ts";
import { formatPosition } from "./location.ts";
import { type ParsedObject, parseObject } from "./object.ts";
import type { KubernetesObject } from "./objects.ts";
import { isPublishingKind } from "./published-objects.ts";
import { readDocuments } from "./text-documents.ts";

/** A text with Kubernetes objects, and the name of its file as the user gave it. */
export interface ManifestSource {
  readonly file: string;
  /** Bytes are UTF-8 without a byte order mark: a large text is read from them with less memory. */
  readonly text: string | Uint8Array;
}

/** Told now and then how much of a source has been read, in units of `source.text.length`. */
export type OnSourceProgress = (source: ManifestSource, done: number) => void;

/** What a set of manifests holds. */
export interface ParsedManifests {
  readonly objects: readonly KubernetesObject[];
  /** Everything that is wrong or doubtful, file by file in the order they were given, then by place. */
  readonly findings: readonly Finding[];
  /** How many objects of which kinds were skipped because policies do not depend on them. */
  readonly skipped: ReadonlyMap<string, number>;
}

/**
 * Reads manifests, YAML or JSON, into objects. Broken documents do not hide the good ones beside them. All of an
 * error's words are in the findings; nothing is thrown for what a user can write. Of objects that are there twice,
 * all are kept: policies only add up, so that opens nothing.
 */
export function parseManifests(
  sources: readonly ManifestSource[],
  onProgress: OnSourceProgress = () => {},
): ParsedManifests {
  const objects: KubernetesObject[] = [];
  const findings: Finding[] = [];
  const skipped = new Map<string, number>();
  const firsts: Firsts = new Map();
  for (const source of sources) {
    const parsed = parseSource(source, onProgress);
    const found = [...parsed.findings];
    for (const kind of parsed.skippedKinds) skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
    for (const object of parsed.objects) {
      objects.push(object);
      const duplicate = duplicateFinding(firsts, object);
      if (duplicate !== undefined) found.push(duplicate);
    }
    found.sort(compareFindings);
    for (const finding of found) findings.push(finding);
  }
  return { objects, findings, skipped };
}

function parseSource(source: ManifestSource, onProgress: OnSourceProgress): ParsedObject {
  const objects: KubernetesObject[] = [];
  const findings: InputFinding[] = [];
  const skippedKinds: string[] = [];
  const ofText = readDocuments(source.file, source.text, {
    document({ value, origin }) {
      const parsed = parseObject(value, origin);
      for (const object of parsed.objects) objects.push(object);
      for (const finding of parsed.findings) findings.push(finding);
      for (const kind of parsed.skippedKinds) skippedKinds.push(kind);
    },
    mark() {
      const lengths = [objects.length, findings.length, skippedKinds.length] as const;
      return () => {
        [objects.length, findings.length, skippedKinds.length] = lengths;
      };
    },
    progress: (done) => onProgress(source, done),
  });
  for (const finding of ofText) findings.push(finding);
  return { objects, findings, skippedKinds };
}

/** The first object of each kind, namespace and name. */
type Firsts = Map<string, Map<string, Map<string, KubernetesObject>>>;

function inner<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

function duplicateFinding(firsts: Firsts, object: KubernetesObject): InputFinding | undefined {
  const namespace = "namespace" in object ? object.namespace : "";
  const byName = inner(inner(firsts, object.kind), namespace);
  const first = byName.get(object.name);
  if (first === undefined) {
    byName.set(object.name, object);
    return undefined;
  }
  const position = first.origin.position(["metadata", "name"]);
  const id = `${object.kind} ${namespace === "" ? "" : `${namespace}/`}${object.name}`;
  return {
    code: "duplicate-object",
    // No answer about policies depends on what is published.
    severity: isPublishingKind(object.kind) ? "warning" : "error",
    position: object.origin.position(["metadata", "name"]),
    object: id,
    message: `${id} is already at ${formatPosition(position)}.`,
    help: "Rename or remove one of them: in a cluster the later one replaces the earlier.",
    related: [{ position, message: "the first one" }],
  };
}
