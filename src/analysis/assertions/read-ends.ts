import { addError, type Check, isAbsent, isMapping, readText, wrongType } from "../../k8s/check.ts";
import { checkCidr } from "../../k8s/cidr.ts";
import { checkFields, type FieldSet } from "../../k8s/fields.ts";
import { readLabelSelector } from "../../k8s/label-selector.ts";
import { readLabels } from "../../k8s/labels.ts";
import type { FieldPath } from "../../k8s/location.ts";
import { DEFAULT_NAMESPACE } from "../../k8s/metadata.ts";
import { dnsLabelFault } from "../../k8s/names.ts";
import type { LabelSelector } from "../../k8s/objects.ts";
import { formatSelector } from "../../k8s/selector.ts";
import { addressBits, formatAddress } from "../../net/address.ts";
import { cidrOf, formatCidr } from "../../net/cidr.ts";
import { describePods } from "../../policy/describe.ts";
import type { EndSpec } from "./assertion.ts";
import { type EndText, parseEndText } from "./end-text.ts";
import { readFlag } from "./read-flag.ts";

/** Ends, and the port that stood in their text, which only `to` may have. */
export interface ReadEnds {
  readonly ends: readonly EndSpec[];
  readonly port?: { readonly text: string; readonly path: FieldPath };
}

/** Where ends stand. */
interface Place {
  readonly side: "from" | "to";
  /** The namespace of names without one. */
  readonly namespace: string;
  /** True inside of `except`. */
  readonly inExcept: boolean;
}

const MAPPING: FieldSet = {
  name: "An end",
  fields: ["namespace", "namespaces", "pods", "labels", "anyone", "outside", "cidr", "except"],
  elsewhere: {
    podSelector: "Write pods: {matchLabels: {...}}, or labels: {...}.",
    namespaceSelector: "Write namespaces: {matchLabels: {...}}, or namespace: NAME.",
    ipBlock: "Write cidr: 10.0.0.0/8.",
    matchLabels: "Write labels: {...}, or pods: {matchLabels: {...}}.",
    port: "The port belongs to the case, beside from and to.",
    ports: "The ports belong to the case, beside from and to.",
    name: "Write a pod or workload as text: shop/db.",
    workload: "Write a workload as text: shop/db.",
  },
};

/** Reads `from` or `to`: one end, or a list of them. Undefined if it is not there, or was reported. */
export function readEnds(
  check: Check,
  value: unknown,
  path: FieldPath,
  side: "from" | "to",
): ReadEnds | undefined {
  return readEndList(check, value, path, { side, namespace: DEFAULT_NAMESPACE, inExcept: false });
}

function readEndList(check: Check, value: unknown, path: FieldPath, place: Place): ReadEnds | undefined {
  if (!Array.isArray(value)) return readEnd(check, value, path, place);
  if (value.length === 0 && !place.inExcept) {
    addError(check, path, {
      code: "empty-list",
      message: `${place.side} is an empty list, so the case speaks of nobody.`,
      help: "Name somebody, or take the case out.",
    });
    return undefined;
  }
  const read = value.map((item: unknown, index) => readEnd(check, item, [...path, index], place));
  const withPort = read.find((each) => each?.port !== undefined);
  if (withPort?.port !== undefined && read.length > 1) {
    addError(check, withPort.port.path, {
      code: "one-of",
      message: "In a list of ends none has a port of its own: ports are those of the whole case.",
      help: "Put it beside from and to: ports: [...]; or make a case for each.",
    });
  }
  const ends = read.flatMap((each) => each?.ends ?? []);
  return { ends, ...(withPort?.port === undefined ? {} : { port: withPort.port }) };
}

function readEnd(check: Check, value: unknown, path: FieldPath, place: Place): ReadEnds | undefined {
  if (isMapping(value)) return readMappingEnd(check, value, path, place);
  if (Array.isArray(value) || isAbsent(value)) {
    wrongType(check, value, path, "an end", "Write a text such as shop/db, or a mapping.");
    return undefined;
  }
  const text = readText(check, value, path);
  return text === undefined ? undefined : readTextEnd(check, text, path, place);
}

function readTextEnd(check: Check, text: string, path: FieldPath, place: Place): ReadEnds | undefined {
  const parsed = parseEndText(text, place.namespace);
  if ("code" in parsed) {
    addError(check, path, parsed);
    return undefined;
  }
  const { end, port } = parsed;
  if (port !== undefined && (place.side === "from" || place.inExcept)) {
    addError(check, path, {
      code: "unknown-value",
      message: `${JSON.stringify(text)} has a port, which only to may have: policies judge the port a packet goes to.`,
      help: `Leave out :${port}.`,
    });
    return undefined;
  }
  const spec = specOf(check, end, text, path);
  if (spec === undefined) return undefined;
  return { ends: [spec], ...(port === undefined ? {} : { port: { text: port, path } }) };
}

function specOf(check: Check, end: EndText, text: string, path: FieldPath): EndSpec | undefined {
  switch (end.kind) {
    case "anyone":
      return { kind: "anyone", text: "anyone", path, except: [] };
    case "outside":
      return { kind: "addresses", outside: true, text: "outside", path, except: [] };
    case "name":
      return { kind: "name", name: end.name, text: end.name, path, except: [] };
    case "address": {
      const { address } = end;
      const cidr = cidrOf(address, addressBits(address.family));
      return {
        kind: "addresses",
        cidr,
        address,
        outside: false,
        text: formatAddress(address),
        path,
        except: [],
      };
    }
    case "block": {
      const cidr = checkCidr(check, end.cidr, path);
      if (cidr === undefined) return undefined;
      return { kind: "addresses", cidr, outside: false, text: formatCidr(cidr) ?? text, path, except: [] };
    }
  }
}

function readMappingEnd(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  place: Place,
): ReadEnds | undefined {
  const before = check.errors;
  checkFields(check, map, path, MAPPING);
  const given = (fields: readonly string[]): string[] => fields.filter((field) => !isAbsent(map[field]));
  const podFields = given(["namespace", "namespaces", "pods", "labels"]);
  const others = given(["anyone", "outside", "cidr"]);
  for (const [fields, words] of [
    [given(["namespace", "namespaces"]), "a namespace by its name, or namespaces by their labels"],
    [given(["pods", "labels"]), "labels, or pods with a whole selector"],
    [given(["anyone", "outside"]), "anyone or outside"],
    [given(["anyone", "cidr"]), "anyone or cidr"],
    [podFields.length > 0 && others.length > 0 ? [podFields[0]!, others[0]!] : [], "pods or addresses"],
  ] as const) {
    if (fields.length < 2) continue;
    addError(check, [...path, fields[1]!], {
      code: "one-of",
      message: `An end has ${words}; this one has ${fields[0]} and ${fields[1]}.`,
      help: "To mean both, write a list of two ends.",
      part: "key",
    });
  }
  if (podFields.length + others.length === 0 && check.errors === before) {
    addError(check, path, {
      code: "one-of",
      message: "This end names nobody.",
      help: "Write namespace, namespaces, anyone: true, outside: true, or cidr.",
    });
  }
  const except = readExcept(check, map, path, place);
  const end =
    podFields.length > 0 ? readPods(check, map, path, podFields) : readOthers(check, map, path, others);
  if (end === undefined || check.errors > before) return undefined;
  const text =
    except.length === 0 ? end.text : `${end.text} except ${except.map((each) => each.text).join(", ")}`;
  return { ends: [{ ...end, text, except }] };
}

function readExcept(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  place: Place,
): readonly EndSpec[] {
  if (isAbsent(map.except)) return [];
  const namespace = typeof map.namespace === "string" ? map.namespace : place.namespace;
  const inside: Place = { side: place.side, namespace, inExcept: true };
  return readEndList(check, map.except, [...path, "except"], inside)?.ends ?? [];
}

function readPods(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  given: readonly string[],
): EndSpec | undefined {
  const namespace = isAbsent(map.namespace) ? undefined : readNamespaceName(check, map.namespace, path);
  const namespaces = isAbsent(map.namespaces)
    ? undefined
    : readLabelSelector(check, map.namespaces, [...path, "namespaces"]);
  const pods: LabelSelector = isAbsent(map.pods)
    ? isAbsent(map.labels)
      ? {}
      : { matchLabels: readLabels(check, map.labels, [...path, "labels"], "selector") }
    : (readLabelSelector(check, map.pods, [...path, "pods"]) ?? {});
  if (!given.includes("namespace") && !given.includes("namespaces")) {
    addError(check, path, {
      code: "missing-field",
      message: `It does not say in which namespaces pods ${formatSelector(pods)} are meant.`,
      help: "Add namespace: NAME, or namespaces: {} for every namespace.",
    });
    return undefined;
  }
  const chosen = namespace ?? namespaces;
  if (chosen === undefined) return undefined;
  const text = describePods({
    namespaces:
      typeof chosen === "string" ? { kind: "name", name: chosen } : { kind: "selector", selector: chosen },
    pods,
  });
  return { kind: "pods", namespace: chosen, pods, text, path, except: [] };
}

function readNamespaceName(check: Check, value: unknown, path: FieldPath): string | undefined {
  const text = readText(check, value, [...path, "namespace"]);
  const fault = text === undefined ? undefined : dnsLabelFault(text);
  if (fault === undefined) return text;
  addError(check, [...path, "namespace"], {
    code: "bad-name",
    message: `The namespace ${JSON.stringify(text)} ${fault}.`,
  });
  return undefined;
}

function readOthers(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  given: readonly string[],
): EndSpec | undefined {
  const flags = given.filter((field) => field !== "cidr").map((field) => readFlag(check, map, path, field));
  if (flags.includes(false)) return undefined;
  if (given.includes("anyone")) return { kind: "anyone", text: "anyone", path, except: [] };
  const outside = given.includes("outside");
  if (isAbsent(map.cidr)) {
    return outside ? { kind: "addresses", outside, text: "outside", path, except: [] } : undefined;
  }
  const written = readText(check, map.cidr, [...path, "cidr"]);
  const cidr = written === undefined ? undefined : checkCidr(check, written, [...path, "cidr"]);
  if (cidr === undefined) return undefined;
  const text = outside ? `outside ${formatCidr(cidr)}` : formatCidr(cidr);
  return { kind: "addresses", cidr, outside, text, path, except: [] };
}
