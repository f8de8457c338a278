import { parseCidr } from "../net/cidr.ts";
import { readAddress } from "./addresses.ts";
import { addError, type Check, inWords, isAbsent, readList, readMapping, readText } from "./check.ts";
import { nearestFix } from "./input-fixes.ts";
import { readLabels } from "./labels.ts";
import type { FieldPath } from "./location.ts";
import { readMetadata, readNamespace } from "./metadata.ts";
import { readPortNumber } from "./port-number.ts";
import { readProtocol } from "./protocol.ts";
import type { Service, ServicePort, ServiceType } from "./published-objects.ts";
import { didYouMean } from "./suggest.ts";

const TYPES: readonly ServiceType[] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
const TRAFFIC_POLICIES = ["Cluster", "Local"] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Reads core/v1 Service. To be used only if the check has no errors. */
export function readService(check: Check, value: Fields): Service {
  const { name } = readMetadata(check, value);
  const spec = readMapping(check, value.spec, ["spec"]) ?? {};
  return {
    kind: "Service",
    namespace: readNamespace(check, value),
    name,
    type: readOneOf(check, spec.type, ["spec", "type"], TYPES) ?? "ClusterIP",
    ...(isAbsent(spec.selector)
      ? {}
      : { selector: readLabels(check, spec.selector, ["spec", "selector"], "selector") }),
    ports: (readList(check, spec.ports, ["spec", "ports"]) ?? []).flatMap(
      (item, index) => readServicePort(check, item, ["spec", "ports", index]) ?? [],
    ),
    clusterIPs: readClusterIPs(check, spec),
    externalIPs: readTexts(check, spec.externalIPs, ["spec", "externalIPs"]).flatMap(
      ({ text, path }) => readAddress(check, text, path) ?? [],
    ),
    loadBalancerSourceRanges: readSourceRanges(check, spec),
    externalTrafficPolicy:
      readOneOf(check, spec.externalTrafficPolicy, ["spec", "externalTrafficPolicy"], TRAFFIC_POLICIES) ??
      "Cluster",
    loadBalancer: readLoadBalancer(check, value.status),
    origin: check.origin,
  };
}

function readServicePort(check: Check, value: unknown, path: FieldPath): ServicePort | undefined {
  const map = readMapping(check, value, path);
  if (map === undefined) return undefined;
  const port = readPortNumber(check, map.port, [...path, "port"]);
  if (port === undefined) return undefined;
  const name = readText(check, map.name, [...path, "name"]);
  const targetPort = readPortOrName(check, map.targetPort, [...path, "targetPort"]);
  // The API server writes 0 for "none yet".
  const nodePort =
    isAbsent(map.nodePort) || map.nodePort === 0
      ? undefined
      : readPortNumber(check, map.nodePort, [...path, "nodePort"]);
  return {
    ...(name === undefined || name === "" ? {} : { name }),
    protocol: readProtocol(check, map.protocol, [...path, "protocol"]) ?? "TCP",
    port,
    targetPort: targetPort ?? port,
    ...(nodePort === undefined ? {} : { nodePort }),
  };
}

/** `clusterIPs`, or `clusterIP`, which the API server keeps equal to the first of them. */
function readClusterIPs(check: Check, spec: Fields): string[] {
  const several = readTexts(check, spec.clusterIPs, ["spec", "clusterIPs"]);
  const path = ["spec", "clusterIP"];
  const one = readText(check, spec.clusterIP, path);
  const written = several.length > 0 || one === undefined ? several : [{ text: one, path }];
  return written.flatMap(({ text, path }) => {
    if (text === "" || text === "None") return text === "" ? [] : [text];
    return readAddress(check, text, path) ?? [];
  });
}

/** A number or a name; undefined if it is absent (0 and the empty text included) or was reported. */
function readPortOrName(check: Check, value: unknown, path: FieldPath): number | string | undefined {
  if (isAbsent(value) || value === 0 || value === "") return undefined;
  return typeof value === "string" ? value : readPortNumber(check, value, path);
}

function readOneOf<T extends string>(
  check: Check,
  value: unknown,
  path: FieldPath,
  choices: readonly T[],
): T | undefined {
  const text = readText(check, value, path);
  const choice = choices.find((each) => each === text);
  if (text === undefined || text === "" || choice !== undefined) return choice;
  addError(check, path, {
    code: "unknown-value",
    message: `${inWords(text)} is none of ${choices.join(", ")}.`,
    help: didYouMean(text, choices),
    fix: nearestFix(check, path, text, choices),
  });
  return undefined;
}

function readSourceRanges(check: Check, spec: Fields): string[] {
  const ranges = readTexts(check, spec.loadBalancerSourceRanges, ["spec", "loadBalancerSourceRanges"]);
  for (const { text, path } of ranges) {
    if (parseCidr(text.trim()) !== undefined) continue;
    addError(check, path, {
      code: "bad-cidr",
      message: `${inWords(text)} is no block of addresses.`,
      help: "Write it as 203.0.113.0/24.",
    });
  }
  return ranges.map(({ text }) => text.trim());
}

function readTexts(check: Check, value: unknown, path: FieldPath): { text: string; path: FieldPath }[] {
  return (readList(check, value, path) ?? []).flatMap((item, index) => {
    const text = readText(check, item, [...path, index]);
    return text === undefined ? [] : [{ text, path: [...path, index] }];
  });
}

function readLoadBalancer(check: Check, value: unknown): string[] {
  const status = readMapping(check, value, ["status"]);
  const balancer = readMapping(check, status?.loadBalancer, ["status", "loadBalancer"]);
  const path = ["status", "loadBalancer", "ingress"];
  return (readList(check, balancer?.ingress, path) ?? []).flatMap((item, index) => {
    const entry = readMapping(check, item, [...path, index]);
    const text =
      readText(check, entry?.ip, [...path, index, "ip"]) ??
      readText(check, entry?.hostname, [...path, index, "hostname"]);
    return text === undefined || text === "" ? [] : [text];
  });
}
