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

/** Takes apart `List`, and any `PodList`, `NetworkPolicyList` and so on. Undefined for what is no list. */
export function expandList(value: Readonly<Record<string, unknown>>, origin: Origin): ListItems | undefined {
  const { kind, apiVersion, items } = value;
  if (typeof kind !== "string" || !kind.endsWith("List")) return undefined;
  const itemKind = kind.slice(0, -"List".length);
  if (Array.isArray(items)) {
    const objects = items.map((item: unknown, index) =>
      itemOf(item, itemKind, apiVersion, origin, ["items", index]),
    );
    return { items: objects, findings: [] };
  }
  // A custom resource may be called so (`AllowList`) without being a list.
  if (itemKind !== "" && !KNOWN_KINDS.has(itemKind)) return undefined;
  const check = newCheck(origin, kind);
  if (!isAbsent(items)) wrongType(check, items, ["items"], "a list", "Put a dash before each object.");
  // One object without its dash is read all the same: it may be a policy, which must not be lost.
  const objects = isMapping(items) ? [itemOf(items, itemKind, apiVersion, origin, ["items"])] : [];
  return { items: objects, findings: check.findings };
}

function itemOf(
  item: unknown,
  kind: string,
  apiVersion: unknown,
  list: Origin,
  path: FieldPath,
): ListItems["items"][number] {
  return {
    value: kind === "" ? item : withType(item, kind, apiVersion),
    origin: innerOrigin(list, path),
  };
}

function withType(item: unknown, kind: string, apiVersion: unknown): unknown {
  if (!isMapping(item)) return item;
  if (!isAbsent(item.kind) && !isAbsent(item.apiVersion)) return item;
  const typed: Record<string, unknown> = { kind, apiVersion };
  for (const [field, value] of Object.entries(item)) if (!isAbsent(value)) setField(typed, field, value);
  return typed;
}

/** The origin of a value that lies inside another one. */
export function innerOrigin(outer: Origin, prefix: FieldPath): Origin {
  const { text } = outer;
  return {
    file: outer.file,
    position: (path, part) => outer.position([...prefix, ...path], part),
    ...(text === undefined ? {} : { text: (path) => text([...prefix, ...path]) }),
  };
}
