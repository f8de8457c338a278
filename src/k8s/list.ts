import { isAbsent, isMapping, newCheck, wrongType } from "./check.ts";
import type { InputFinding } from "./finding-codes.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import type { FieldPath, Origin } from "./location.ts";
import { setField } from "./text-problem.ts";

/** The items of a list object, each with the kind and apiVersion it has or takes from the list. */
export interface ListItems {
  readonly items: readonly { readonly value: unknown; readonly origin: Origin }[];
  readonly findings: readonly InputFinding[];
}

/** What the items of a list are unless they say so themselves; `kind` is empty in a list of any kind. */
export interface ItemType {
  readonly kind: string;
  readonly apiVersion: unknown;
}

/** The type of the items of a `List`, and of any `PodList` and so on. Undefined for what is no list. */
export function typeOfItems(value: unknown): ItemType | undefined {
  if (!isMapping(value) || typeof value.kind !== "string" || !value.kind.endsWith("List")) return undefined;
  return { kind: value.kind.slice(0, -"List".length), apiVersion: value.apiVersion };
}

/** Takes apart `List`, and any `PodList`, `NetworkPolicyList` and so on. Undefined for what is no list. */
export function expandList(value: Readonly<Record<string, unknown>>, origin: Origin): ListItems | undefined {
  const type = typeOfItems(value);
  if (type === undefined) return undefined;
  const { kind, items } = value;
  const itemOf = (item: unknown, path: FieldPath): ListItems["items"][number] => ({
    value: typedItem(item, type),
    origin: innerOrigin(origin, path),
  });
  if (Array.isArray(items)) {
    return { items: items.map((item: unknown, index) => itemOf(item, ["items", index])), findings: [] };
  }
  // A custom resource may be called so (`AllowList`) without being a list.
  if (type.kind !== "" && !KNOWN_KINDS.has(type.kind)) return undefined;
  const check = newCheck(origin, String(kind));
  if (!isAbsent(items)) wrongType(check, items, ["items"], "a list", "Put a dash before each object.");
  // One object without its dash is read all the same: it may be a policy, which must not be lost.
  return { items: isMapping(items) ? [itemOf(items, ["items"])] : [], findings: check.findings };
}

/** An item of a list with the kind and apiVersion that it has or takes from the list. */
export function typedItem(item: unknown, { kind, apiVersion }: ItemType): unknown {
  if (kind === "" || !isMapping(item)) return item;
  if (!isAbsent(item.kind) && !isAbsent(item.apiVersion)) return item;
  const typed: Record<string, unknown> = { kind, apiVersion };
  for (const [field, value] of Object.entries(item)) if (!isAbsent(value)) setField(typed, field, value);
  return typed;
}

/** The origin of a value that lies inside another one. */
export function innerOrigin(outer: Origin, prefix: FieldPath): Origin {
  return {
    file: outer.file,
    position: (path, part) => outer.position([...prefix, ...path], part),
    ...(outer.text === undefined ? {} : { text: (path) => outer.text?.([...prefix, ...path]) }),
  };
}
