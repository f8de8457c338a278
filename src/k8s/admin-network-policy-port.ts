import { addError, type Check, isAbsent, readMapping, readText, wrongType } from "./check.ts";
import { warnOfPortName } from "./cluster-network-policy-protocol.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { swapFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import type { AdminNetworkPolicyPort } from "./objects.ts";
import { type OneOfFields, readOneOf } from "./one-of.ts";
import { readPortNumber } from "./port-number.ts";
import { readProtocol } from "./protocol.ts";
import { type RuleContext, warnOfUnknownMatcher } from "./unknown-matcher.ts";

const PORT: OneOfFields<keyof AdminNetworkPolicyPort & string> = {
  name: "An entry of ports",
  fields: ["portNumber", "portRange", "namedPort"],
  severalHelp: "Put a dash before it to make it an entry of its own (then either matches).",
  elsewhere: {
    port: "Write - portNumber: {protocol: TCP, port: 80}.",
    protocol: "Put it inside portNumber: or portRange:.",
    endPort: "Write - portRange: {protocol: TCP, start: ..., end: ...}.",
    start: "Put it inside portRange:.",
    end: "Put it inside portRange:.",
    tcp: "That is of ClusterNetworkPolicy. Here write - portNumber: {protocol: TCP, port: 80}.",
    udp: "That is of ClusterNetworkPolicy. Here write - portNumber: {protocol: UDP, port: 53}.",
    sctp: "That is of ClusterNetworkPolicy. Here write - portNumber: {protocol: SCTP, port: 80}.",
    destinationNamedPort: "That is of ClusterNetworkPolicy. Here write - namedPort: NAME.",
  },
};

const PORT_NUMBER: FieldSet = {
  name: "A portNumber",
  fields: ["protocol", "port"],
  elsewhere: { number: "Did you mean port?", endPort: "Write portRange: {start: ..., end: ...}." },
};

const PORT_RANGE: FieldSet = {
  name: "A portRange",
  fields: ["protocol", "start", "end"],
  elsewhere: { port: "Did you mean start?", endPort: "Did you mean end?" },
};

/** Reads one item of `ports`. One of a kind that is not known comes back without any field. */
export function readAdminPort(
  check: Check,
  value: unknown,
  path: FieldPath,
  rule: RuleContext,
): AdminNetworkPolicyPort | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" ? `Write - portNumber: {port: ${v}}.` : "Write - portNumber: {port: 80}.",
  );
  if (map === undefined) {
    if (isAbsent(value)) {
      addError(check, path, {
        code: "empty-list-item",
        message: "This entry of ports is empty.",
        help: "Write the port, or remove the dash. For all traffic, leave ports out.",
      });
    }
    return undefined;
  }
  const chosen = readOneOf(check, map, path, PORT);
  if (chosen.found === "several") return undefined;
  if (chosen.found === "none") {
    warnOfUnknownMatcher(check, map, path, PORT, rule);
    return {};
  }
  const { field } = chosen;
  if (field === "portNumber") return readNumber(check, map[field], [...path, field]);
  if (field === "portRange") return readRange(check, map[field], [...path, field]);
  return readName(check, map[field], [...path, field]);
}

function readNumber(check: Check, value: unknown, path: FieldPath): AdminNetworkPolicyPort | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" ? `Write portNumber: {protocol: TCP, port: ${v}}.` : undefined,
  );
  if (map === undefined) return undefined;
  checkFields(check, map, path, PORT_NUMBER);
  const protocol = readProtocol(check, map.protocol, [...path, "protocol"]);
  const port = readPortNumber(check, map.port, [...path, "port"]);
  if (port === undefined) return undefined;
  return { portNumber: { ...(protocol === undefined ? {} : { protocol }), port } };
}

/** A range of one port is fine with this API, in spite of its description. */
function readRange(check: Check, value: unknown, path: FieldPath): AdminNetworkPolicyPort | undefined {
  const map = readMapping(
    check,
    value,
    path,
    () => "Write portRange: {protocol: TCP, start: ..., end: ...}.",
  );
  if (map === undefined) return undefined;
  checkFields(check, map, path, PORT_RANGE);
  const protocol = readProtocol(check, map.protocol, [...path, "protocol"]);
  const start = readPortNumber(check, map.start, [...path, "start"]);
  const end = readPortNumber(check, map.end, [...path, "end"]);
  if (start === undefined || end === undefined) return undefined;
  if (start > end) {
    addError(check, path, {
      code: "bad-port-range",
      message: `The range starts at ${start} and ends below it, at ${end}.`,
      help: `Did you mean start: ${end}, end: ${start}?`,
      part: "key",
      fix: swapFix(check, path, ["start", start], ["end", end]),
    });
  }
  return { portRange: { ...(protocol === undefined ? {} : { protocol }), start, end } };
}

function readName(check: Check, value: unknown, path: FieldPath): AdminNetworkPolicyPort | undefined {
  if (typeof value === "number") {
    const help = `For a port by its number, write - portNumber: {protocol: TCP, port: ${value}}.`;
    wrongType(check, value, path, "the name of a port", help);
    return undefined;
  }
  const namedPort = readText(check, value, path);
  if (namedPort === undefined) return undefined;
  warnOfPortName(check, namedPort, path);
  return { namedPort };
}
