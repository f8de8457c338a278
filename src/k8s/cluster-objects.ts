import { readAddress } from "./addresses.ts";
import { type Check, readList, readMapping, readText } from "./check.ts";
import { readMetadata } from "./metadata.ts";
import { dnsLabelFault } from "./names.ts";
import type { Namespace, Node } from "./objects.ts";

/** Reads core/v1 Namespace. To be used only if the check has no errors. */
export function readNamespaceObject(check: Check, value: Readonly<Record<string, unknown>>): Namespace {
  const { name, labels } = readMetadata(check, value, dnsLabelFault);
  return { kind: "Namespace", name, labels, origin: check.origin };
}

/** Reads core/v1 Node. To be used only if the check has no errors. */
export function readNode(check: Check, value: Readonly<Record<string, unknown>>): Node {
  const { name, labels } = readMetadata(check, value);
  const status = readMapping(check, value.status, ["status"]);
  return {
    kind: "Node",
    name,
    labels,
    addresses: readNodeAddresses(check, status?.addresses),
    origin: check.origin,
  };
}

function readNodeAddresses(check: Check, value: unknown): readonly string[] {
  const path = ["status", "addresses"];
  const addresses: string[] = [];
  for (const [index, item] of (readList(check, value, path) ?? []).entries()) {
    const entry = readMapping(check, item, [...path, index]);
    const type = readText(check, entry?.type, [...path, index, "type"]);
    if (type !== "InternalIP" && type !== "ExternalIP") continue;
    const text = readText(check, entry?.address, [...path, index, "address"]) ?? "";
    const address = text === "" ? undefined : readAddress(check, text, [...path, index, "address"]);
    if (address !== undefined && !addresses.includes(address)) addresses.push(address);
  }
  return addresses;
}
