import { type PortSet, portSetTokens } from "../../../net/port-set.ts";
import { describePortToken } from "../../../policy/describe.ts";
import type { FirstEnd } from "./first-case.ts";

export function portsInWords(ports: PortSet): string {
  return portSetTokens(ports).map(describePortToken).join(", ");
}

/** How many ends a title names. */
const MOST_NAMED = 2;

export function listOf(ends: readonly FirstEnd[]): string {
  const names = ends.slice(0, MOST_NAMED).map(titleOf);
  return ends.length > names.length
    ? `${names.join(", ")} and ${ends.length - names.length} more`
    : names.join(", ");
}

export function titleOf(end: FirstEnd): string {
  if (typeof end === "string") return end;
  if ("namespace" in end) return `namespace ${end.namespace}`;
  if ("namespaces" in end) return "every pod";
  if ("anyone" in end) return `anyone except ${listOf(end.except)}`;
  const block = end.cidr === undefined ? "outside" : `outside ${end.cidr}`;
  return end.except === undefined ? block : `${block} except ${listOf(end.except)}`;
}
