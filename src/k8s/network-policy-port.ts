import { addError, type Check, inWords, isAbsent, readMapping, wrongType } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { Fix } from "./fix.ts";
import { setValueFix, swapFix, unquoteFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import { portNameFault } from "./names.ts";
import type { NetworkPolicyPort } from "./objects.ts";
import { isPortNumber, readProtocol } from "./protocol.ts";

const PORT: FieldSet = {
  name: "An entry of ports",
  fields: ["protocol", "port", "endPort"],
  elsewhere: {
    ports: "Did you mean port? Each entry of ports is one port or range.",
    targetPort: "Did you mean port? Policies see the pod's own port, after the service's translation.",
    containerPort: "Did you mean port?",
    number: "Did you mean port?",
    name: "A named port is written as port: NAME.",
    from: "from belongs beside ports, not inside it.",
    to: "to belongs beside ports, not inside it.",
  },
};

/** Reads networking.k8s.io/v1 NetworkPolicyPort (`ValidateNetworkPolicyPort`). */
export function readPolicyPort(check: Check, value: unknown, path: FieldPath): NetworkPolicyPort | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" || typeof v === "string" ? `Write - port: ${v}.` : undefined,
  );
  if (map === undefined) {
    if (isAbsent(value)) {
      addError(check, path, {
        code: "empty-list-item",
        message: "This entry of ports is empty; Kubernetes reads it as every TCP port.",
        help: "Write the port, or remove the dash. For every TCP port, write - protocol: TCP.",
      });
    }
    return undefined;
  }
  checkFields(check, map, path, PORT);
  const protocol = readProtocol(check, map.protocol, [...path, "protocol"]);
  const port = readPort(check, map.port, [...path, "port"]);
  const endPort = readEndPort(check, map, path);
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === undefined ? {} : { port }),
    ...(endPort === undefined ? {} : { endPort }),
  };
}

function readPort(check: Check, value: unknown, path: FieldPath): number | string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === "string") {
    const fault = portTextFault(value);
    if (fault === undefined) return value;
    const fix = isPortNumber(Number(value))
      ? unquoteFix(check, path, value)
      : portNameFix(check, path, value);
    addError(check, path, { ...fault, fix });
  } else if (typeof value === "number" && Number.isInteger(value)) {
    if (isPortNumber(value)) return value;
    addError(check, path, {
      code: "bad-port",
      message: `Port ${value} does not exist; ports go from 1 to 65535.`,
      help: value === 0 ? "For every port of the protocol, leave port out." : undefined,
    });
  } else {
    wrongType(
      check,
      value,
      path,
      "a port number or a port name",
      Array.isArray(value) ? "Write one entry with a dash for each port." : undefined,
    );
  }
  return undefined;
}

/** The port name in lower case, if that can be one. */
function portNameFix(check: Check, path: FieldPath, text: string): Fix | undefined {
  const name = nearestPortName(text);
  return name === undefined ? undefined : setValueFix(check, path, name, false);
}

function nearestPortName(text: string): string | undefined {
  const lower = text.toLowerCase().replaceAll("_", "-");
  return portNameFault(text) !== undefined && portNameFault(lower) === undefined ? lower : undefined;
}

function portTextFault(text: string): Parameters<typeof addError>[2] | undefined {
  if (/^[0-9]+$/.test(text)) {
    const isPort = isPortNumber(Number(text));
    return {
      code: "bad-port",
      message: `Port "${text}" is text, and a port name needs a letter.`,
      help: isPort ? `Remove the quotes: port: ${Number(text)}` : "Ports go from 1 to 65535, without quotes.",
    };
  }
  const range = /^([0-9]+)\s*[-:]\s*([0-9]+)$/.exec(text);
  if (range !== null) {
    return {
      code: "bad-port",
      message: `${inWords(text)} is no port.`,
      help: `Write a range as port: ${range[1]}, endPort: ${range[2]}.`,
    };
  }
  const fault = portNameFault(text);
  if (fault === undefined) return undefined;
  const near = nearestPortName(text);
  return {
    code: "bad-port-name",
    message: `The port name ${inWords(text)} ${fault}.`,
    help: near === undefined ? undefined : `Did you mean ${near}? It must be the name that the pod declares.`,
  };
}

function readEndPort(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
): number | undefined {
  const endPath = [...path, "endPort"];
  const value = map.endPort;
  if (isAbsent(value)) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    const help =
      typeof value === "string" && /^[0-9]+$/.test(value)
        ? `Remove the quotes: endPort: ${value}`
        : undefined;
    wrongType(check, value, endPath, "a port number", help, unquoteFix(check, endPath, value));
    return undefined;
  }
  if (!isPortNumber(value)) {
    addError(check, endPath, {
      code: "bad-port",
      message: `endPort ${value} does not exist; ports go from 1 to 65535.`,
    });
    return undefined;
  }
  if (isAbsent(map.port)) {
    addError(check, endPath, {
      code: "end-port-without-port",
      message: `endPort ${value} has no port to begin from.`,
      help: `Add port: for the first port of the range, for instance port: 1, endPort: ${value}.`,
      part: "key",
    });
  } else if (typeof map.port === "string") {
    addError(check, endPath, {
      code: "end-port-named",
      message: `endPort ${value} needs a numeric port, not ${inWords(map.port)}.`,
      help: "Write the first port of the range as a number, or remove endPort.",
      part: "key",
    });
  } else if (isPortNumber(map.port) && value < map.port) {
    addError(check, endPath, {
      code: "end-port-below-port",
      message: `endPort ${value} is below port ${map.port}.`,
      help: `Did you mean port: ${value}, endPort: ${map.port}?`,
      fix: swapFix(check, path, ["port", map.port], ["endPort", value]),
      part: "key",
    });
  }
  return value;
}
