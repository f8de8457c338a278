import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { swapFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import { portNameFault } from "./names.ts";
import type { ClusterNetworkPolicyProtocol, DestinationPort } from "./objects.ts";
import { type OneOfFields, readOneOf } from "./one-of.ts";
import { readPortNumber } from "./port-number.ts";
import { type RuleContext, warnOfUnknownMatcher } from "./unknown-matcher.ts";

const PROTOCOL: OneOfFields<keyof ClusterNetworkPolicyProtocol & string> = {
  name: "An entry of protocols",
  fields: ["tcp", "udp", "sctp", "destinationNamedPort"],
  severalHelp: "Put a dash before it to make it an entry of its own (then either matches).",
  elsewhere: {
    TCP: "Write tcp, in lower case.",
    UDP: "Write udp, in lower case.",
    SCTP: "Write sctp, in lower case.",
    protocol: "Write - tcp: {destinationPort: {number: 80}}.",
    port: "Write - tcp: {destinationPort: {number: 80}}.",
    destinationPort: "Say of which protocol: - tcp: {destinationPort: ...}.",
    namedPort: "Did you mean destinationNamedPort?",
    portNumber: "That is of AdminNetworkPolicy. Here write - tcp: {destinationPort: {number: 80}}.",
    portRange:
      "That is of AdminNetworkPolicy. Here write - tcp: {destinationPort: {range: {start: 1, end: 9}}}.",
  },
};

const TRANSPORT: FieldSet = {
  name: "A protocol",
  fields: ["destinationPort"],
  elsewhere: {
    port: "Write destinationPort: {number: 80}.",
    number: "Put it inside destinationPort:.",
    range: "Put it inside destinationPort:.",
    destinationNamedPort: "It stands in an entry of its own: - destinationNamedPort: NAME.",
  },
};

const DESTINATION_PORT: OneOfFields<"number" | "range"> = {
  name: "A destinationPort",
  fields: ["number", "range"],
  severalHelp: "Write an entry of protocols for each of them.",
  elsewhere: {
    port: "Did you mean number?",
    start: "Put it inside range:.",
    end: "Put it inside range:.",
    endPort: "Write range: {start: ..., end: ...}.",
    name: "A named port is an entry of protocols: - destinationNamedPort: NAME.",
  },
};

const RANGE: FieldSet = { name: "A range", fields: ["start", "end"] };

/** Reads one item of `protocols`. One of a kind that is not known comes back without any field. */
export function readProtocolEntry(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
): ClusterNetworkPolicyProtocol | undefined {
  const map = readMapping(check, value, path, () => "Write - tcp: {destinationPort: {number: 80}}.");
  if (map === undefined) {
    if (isAbsent(value)) {
      addError(check, path, {
        code: "empty-list-item",
        message: "This entry of protocols is empty.",
        help: "Write the protocol, or remove the dash. For all traffic, leave protocols out.",
      });
    }
    return undefined;
  }
  const chosen = readOneOf(check, map, path, PROTOCOL);
  if (chosen.found === "several") return undefined;
  if (chosen.found === "none") {
    warnOfUnknownMatcher(check, map, path, PROTOCOL, rule);
    return {};
  }
  const { field } = chosen;
  if (field === "destinationNamedPort") {
    const name = readPortName(check, map[field], [...path, field], rule);
    return name === undefined ? undefined : name === "" ? {} : { destinationNamedPort: name };
  }
  const destinationPort = readTransport(check, map[field], [...path, field], rule);
  if (destinationPort === "unknown") return {};
  return destinationPort === undefined ? undefined : { [field]: { destinationPort } };
}

/** `unknown` if it asks for something that is not known, be it beside the port: a newer API may narrow it further. */
function readTransport(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
): DestinationPort | "unknown" | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" ? `Write destinationPort: {number: ${v}}.` : "Write destinationPort: {number: 80}.",
  );
  if (map === undefined) return undefined;
  const port = isAbsent(map.destinationPort)
    ? undefined
    : readDestinationPort(check, map.destinationPort, [...path, "destinationPort"], rule);
  const unknown = Object.keys(map).filter((field) => field !== "destinationPort");
  if (unknown.length > 0 || isAbsent(map.destinationPort)) {
    const rest = unknown.length === 0 ? map : Object.fromEntries(unknown.map((field) => [field, map[field]]));
    warnOfUnknownMatcher(check, rest, path, TRANSPORT, rule);
    return "unknown";
  }
  return port;
}

function readDestinationPort(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
): DestinationPort | "unknown" | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" ? `Write destinationPort: {number: ${v}}.` : undefined,
  );
  if (map === undefined) return undefined;
  const chosen = readOneOf(check, map, path, DESTINATION_PORT);
  if (chosen.found === "several") return undefined;
  if (chosen.found === "none") {
    warnOfUnknownMatcher(check, map, path, DESTINATION_PORT, rule);
    return "unknown";
  }
  if (chosen.field === "number") {
    const number = readPortNumber(check, map.number, [...path, "number"]);
    return number === undefined ? undefined : { number };
  }
  const range = readRange(check, map.range, [...path, "range"]);
  return range === undefined ? undefined : { range };
}

function readRange(check: Check, value: unknown, path: FieldPath): DestinationPort["range"] | undefined {
  const map = readMapping(check, value, path, () => "Write range: {start: ..., end: ...}.");
  if (map === undefined) return undefined;
  checkFields(check, map, path, RANGE);
  const start = readPortNumber(check, map.start, [...path, "start"]);
  const end = readPortNumber(check, map.end, [...path, "end"]);
  if (start === undefined || end === undefined) return undefined;
  if (start >= end) {
    addError(check, path, {
      code: "bad-port-range",
      message: `The range starts at ${start} and ends at ${end}; its end must be above its start.`,
      help:
        start === end
          ? `For one port, write number: ${start}.`
          : `Did you mean start: ${end}, end: ${start}?`,
      part: "key",
      fix: start === end ? undefined : swapFix(check, path, ["start", start], ["end", end]),
    });
  }
  return { start, end };
}

/** The empty name is what the API's clients read as no field at all. */
function readPortName(check: Check, value: unknown, path: FieldPath, rule: RuleContext): string | undefined {
  if (typeof value === "number") {
    const help = `For a port by its number, write - tcp: {destinationPort: {number: ${value}}}.`;
    wrongType(check, value, path, "the name of a port", help);
    return undefined;
  }
  const name = readText(check, value, path);
  if (name === undefined) return undefined;
  if (name === "") warnOfUnknownMatcher(check, {}, path, PROTOCOL, rule);
  else warnOfPortName(check, name, path);
  return name;
}

/** Warns of a name that no pod can declare. The API server takes any text here. */
export function warnOfPortName(check: Check, name: string, path: FieldPath): void {
  const fault = portNameFault(name);
  if (fault === undefined) return;
  addWarning(check, path, {
    code: "bad-port-name",
    message: `The port name ${inWords(name)} ${fault}, so no pod can have such a port: it matches nothing.`,
    help: "Write the name that the pod declares.",
  });
}
