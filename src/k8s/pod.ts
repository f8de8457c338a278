import { readAddress } from "./addresses.ts";
import { addError, type Check, inWords, readList, readMapping, readText, readTextField } from "./check.ts";
import { nearestFix } from "./input-fixes.ts";
import { intern } from "./intern.ts";
import type { FieldPath } from "./location.ts";
import { readMetadata, readNamespace } from "./metadata.ts";
import type { Pod } from "./objects.ts";
import { readPodSpec } from "./pod-template.ts";
import { didYouMean } from "./suggest.ts";

const SPEC = ["spec"] as const;
const STATUS = ["status"] as const;
const PHASE = [...STATUS, "phase"] as const;
const PHASES = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];

/** Reads core/v1 Pod. To be used only if the check has no errors. */
export function readPod(check: Check, value: Readonly<Record<string, unknown>>): Pod {
  const { name, labels, controller } = readMetadata(check, value);
  const namespace = readNamespace(check, value);
  const template = readPodSpec(check, value.spec, SPEC, labels);
  const status = readMapping(check, value.status, STATUS) ?? {};
  const phase = readPhase(check, status.phase);
  return {
    kind: "Pod",
    namespace,
    name,
    ...template,
    addresses: readAddresses(check, status, "podIPs", "podIP"),
    // Those of few nodes, on many pods.
    hostAddresses: readAddresses(check, status, "hostIPs", "hostIP").map(intern),
    ...(phase === undefined ? {} : { phase }),
    ...(controller === undefined ? {} : { controller }),
    origin: check.origin,
  };
}

function readPhase(check: Check, value: unknown): string | undefined {
  const phase = typeof value === "string" ? intern(value) : readText(check, value, PHASE);
  if (phase === undefined || phase === "" || PHASES.includes(phase)) return phase === "" ? undefined : phase;
  addError(check, PHASE, {
    code: "unknown-value",
    message: `${inWords(phase)} is no phase of a pod; there are ${PHASES.join(", ")}.`,
    help: didYouMean(phase, PHASES),
    fix: nearestFix(check, PHASE, phase, PHASES),
  });
  return undefined;
}

/** The addresses of the list (`podIPs: [{ip: ...}]`) or, without one, of the older single field. */
function readAddresses(
  check: Check,
  status: Readonly<Record<string, unknown>>,
  many: "podIPs" | "hostIPs",
  one: "podIP" | "hostIP",
): readonly string[] {
  const path = ["status", many];
  const value = status[many];
  const list = Array.isArray(value)
    ? value
    : readList(check, value, path, (v) =>
        typeof v === "string" ? `Write ${many}: [{ip: ${v}}].` : undefined,
      );
  if (list === undefined || list.length === 0) {
    const single = readTextField(check, status, STATUS, one) ?? "";
    const address = single === "" ? undefined : readAddress(check, single, ["status", one]);
    return address === undefined ? [] : [address];
  }
  const addresses: string[] = [];
  for (let index = 0; index < list.length; index++) {
    const address = readListed(check, list[index], [...path, index]);
    if (address === undefined) continue;
    const other =
      addresses.length === 0
        ? undefined
        : addresses.find((known) => known.includes(":") === address.includes(":"));
    if (other !== undefined) {
      addError(check, [...path, index], {
        code: "too-many-addresses",
        message: `${address} is a second IPv${address.includes(":") ? 6 : 4} address beside ${other}.`,
        help: "Leave one address of each family.",
      });
    }
    addresses.push(address);
  }
  // A list that has grown keeps room for more, and there may be a hundred thousand of them.
  return addresses.slice();
}

function readListed(check: Check, item: unknown, path: FieldPath): string | undefined {
  const map = readMapping(check, item, path, listedHelp);
  // Its canonical text is another string, so that this one need not be kept.
  const ip = map?.ip;
  const text =
    typeof ip === "string" ? ip : map === undefined ? "" : (readTextField(check, map, path, "ip") ?? "");
  return text === "" ? undefined : readAddress(check, text, [...path, "ip"]);
}

function listedHelp(value: unknown): string | undefined {
  return typeof value === "string" ? `Write - ip: ${value}.` : undefined;
}
