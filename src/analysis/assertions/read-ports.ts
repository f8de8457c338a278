import { addError, type Check, isAbsent, readList, wrongType } from "../../k8s/check.ts";
import type { FieldPath } from "../../k8s/location.ts";
import { portNameFault } from "../../k8s/names.ts";
import { didYouMean } from "../../k8s/suggest.ts";
import { containsUnreadable } from "../../k8s/text-problem.ts";
import {
  ALL_PORTS,
  OTHER_PROTOCOLS,
  portRange,
  TRANSPORT_PROTOCOLS,
  type Transport,
} from "../../net/port-set.ts";
import type { PortSpec } from "./assertion.ts";
import type { TextFault } from "./end-text.ts";

const FORMS =
  "Write a number (3306), one with its protocol (53/UDP), a range (8000-8080), a name (mysql), icmp, or all.";

/**
 * Reads `3306`, `53/UDP`, `8000-8080/TCP`, `mysql`, `dns/UDP`, `icmp` (every protocol without ports) or `all`. The
 * protocol is TCP if none is named.
 */
export function parsePortText(text: string): PortSpec | TextFault {
  if (text === "all") return { kind: "ports", ports: ALL_PORTS, text: "every protocol and port" };
  if (text === "icmp") return { kind: "ports", ports: OTHER_PROTOCOLS, text: "ICMP" };
  const match = /^([^/]*)(?:\/([^/]*))?$/.exec(text);
  const [, port = "", written = "TCP"] = match ?? [];
  const protocol = TRANSPORT_PROTOCOLS.find((known) => known === written);
  if (match === null || protocol === undefined) {
    return {
      code: "unknown-protocol",
      message: `${JSON.stringify(text)} ends in no protocol that has ports; there are TCP, UDP and SCTP.`,
      help: didYouMean(written, TRANSPORT_PROTOCOLS) ?? FORMS,
    };
  }
  const numbers = /^(\d+)(?:-(\d+))?$/.exec(port);
  if (numbers !== null) return rangeSpec(numbers[1]!, numbers[2], protocol);
  const fault = portNameFault(port);
  if (fault !== undefined) {
    return {
      code: "bad-port-name",
      message: `The port name ${JSON.stringify(port)} ${fault}.`,
      help: didYouMean(text, ["icmp", "all"]) ?? FORMS,
    };
  }
  return { kind: "name", name: port, protocol, text: `${protocol} port named ${port}` };
}

function rangeSpec(
  firstText: string,
  lastText: string | undefined,
  protocol: Transport,
): PortSpec | TextFault {
  const first = Number(firstText);
  const last = Number(lastText ?? firstText);
  const outside = [firstText, lastText].find(
    (each) => each !== undefined && (each.startsWith("0") || Number(each) > 65535),
  );
  if (outside !== undefined) {
    const message = `Port ${outside} does not exist; ports go from 1 to 65535.`;
    return { code: "bad-port", message };
  }
  if (last < first) {
    return {
      code: "bad-port-range",
      message: `The range ${firstText}-${lastText} ends below its start.`,
      help: `Did you mean ${lastText}-${firstText}?`,
    };
  }
  const text = `${protocol} ${first === last ? first : `${first}-${last}`}`;
  return { kind: "ports", ports: portRange(protocol, first, last), text };
}

/** The ports of a case, from `port` or `ports`; undefined if it has neither, or they were reported. */
export function readPorts(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
): readonly PortSpec[] | undefined {
  if (!isAbsent(map.port) && !isAbsent(map.ports)) {
    addError(check, [...path, "ports"], {
      code: "one-of",
      message: "A case has port or ports; this one has both.",
      help: "Put all of them into ports.",
      part: "key",
    });
    return undefined;
  }
  if (!isAbsent(map.port)) return readPort(check, map.port, [...path, "port"]);
  const list = readList(
    check,
    map.ports,
    [...path, "ports"],
    (value) => `Write a list, ports: [${String(value)}], or port: ${String(value)}.`,
  );
  if (list === undefined) return undefined;
  if (list.length === 0) {
    addError(check, [...path, "ports"], {
      code: "empty-list",
      message: "ports is empty, so the case asks about nothing.",
      help: "Name a port, or leave ports out.",
    });
  }
  return list.flatMap((item, index) => readPort(check, item, [...path, "ports", index]) ?? []);
}

function readPort(check: Check, value: unknown, path: FieldPath): readonly PortSpec[] | undefined {
  if (typeof value !== "number" && typeof value !== "string") {
    // Also null: an empty item is one that somebody forgot to write.
    if (!containsUnreadable(value)) wrongType(check, value, path, "a port", FORMS);
    else check.errors++;
    return undefined;
  }
  return readPortText(check, String(value), path);
}

/** As {@link parsePortText}; a fault is reported. */
export function readPortText(check: Check, text: string, path: FieldPath): readonly PortSpec[] | undefined {
  const spec = parsePortText(text);
  if (!("code" in spec)) return [spec];
  addError(check, path, spec);
  return undefined;
}
