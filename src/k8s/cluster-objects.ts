import { formatCidr } from "../net/cidr.ts";
import { readAddress } from "./addresses.ts";
import { addError, type Check, inWords, readList, readMapping, readText, readTextField } from "./check.ts";
import { checkCidr } from "./cidr.ts";
import type { FieldPath } from "./location.ts";
import { readMetadata } from "./metadata.ts";
import { dnsLabelFault } from "./names.ts";
import type { Namespace, Node } from "./objects.ts";

const SPEC = ["spec"] as const;

/** Reads core/v1 Namespace. To be used only if the check has no errors. */
export function readNamespaceObject(check: Check, value: Readonly<Record<string, unknown>>): Namespace {
  const { name, labels } = readMetadata(check, value, dnsLabelFault);
  return { kind: "Namespace", name, labels, origin: check.origin };
}

/** Reads core/v1 Node. To be used only if the check has no errors. */
export function readNode(check: Check, value: Readonly<Record<string, unknown>>): Node {
  const { name, labels } = readMetadata(check, value);
  const status = readMapping(check, value.status, ["status"]);
  const podCidrs = readPodCidrs(check, readMapping(check, value.spec, SPEC) ?? {});
  return {
    kind: "Node",
    name,
    labels,
    addresses: readNodeAddresses(check, status?.addresses),
    ...(podCidrs.length === 0 ? {} : { podCidrs }),
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

/** The blocks of `podCIDRs` or, without any, that of the older single field. As the API has it, both must agree. */
function readPodCidrs(check: Check, spec: Readonly<Record<string, unknown>>): readonly string[] {
  const path = [...SPEC, "podCIDRs"];
  const list = readList(check, spec.podCIDRs, path, (v) =>
    typeof v === "string" ? `Write podCIDRs: [${v}].` : undefined,
  );
  const cidrs: string[] = [];
  for (const [index, item] of (list ?? []).entries()) {
    const cidr = readPodCidr(check, readText(check, item, [...path, index]), [...path, index]);
    if (cidr === undefined) continue;
    const other = cidrs.find((known) => known.includes(":") === cidr.includes(":"));
    if (other !== undefined) {
      addError(check, [...path, index], {
        code: "too-many-pod-cidrs",
        message: `${cidr} is a second IPv${cidr.includes(":") ? 6 : 4} block beside ${other}.`,
        help: "Leave one block of each family.",
      });
    }
    cidrs.push(cidr);
  }
  const single = readPodCidr(check, readTextField(check, spec, SPEC, "podCIDR"), [...SPEC, "podCIDR"]);
  if (single === undefined) return cidrs;
  if (cidrs.length > 0 && cidrs[0] !== single) {
    addError(check, [...SPEC, "podCIDR"], {
      code: "pod-cidr-mismatch",
      message: `podCIDR is ${inWords(single)}, but the first of podCIDRs is ${inWords(cidrs[0])}.`,
      help: "Leave podCIDR away, or write the first of podCIDRs.",
    });
  }
  return cidrs.length > 0 ? cidrs : [single];
}

function readPodCidr(check: Check, text: string | undefined, path: FieldPath): string | undefined {
  if (text === undefined || text === "") return undefined;
  const cidr = checkCidr(check, text, path);
  return cidr === undefined ? undefined : formatCidr(cidr);
}
