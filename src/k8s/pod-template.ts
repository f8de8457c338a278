import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  pathInWords,
  readBoolean,
  readList,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkSpelling } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import { portNameFault } from "./names.ts";
import type { ContainerPort, Labels, PodTemplate } from "./objects.ts";
import { isPortNumber, readProtocol } from "./protocol.ts";

// Only what is read here. No other field of core/v1 PodSpec, Container or ContainerPort is spelt nearly like these.
const POD_SPEC_FIELDS = ["hostNetwork", "nodeName", "containers", "initContainers"];
const CONTAINER_FIELDS = ["name", "ports", "restartPolicy"];
const PORT_FIELDS = ["name", "containerPort", "protocol"];

/** Reads core/v1 PodSpec, as far as it matters here. An absent spec is one without containers. */
export function readPodSpec(check: Check, value: unknown, path: FieldPath, labels: Labels): PodTemplate {
  const spec = readMapping(check, value, path) ?? {};
  checkSpelling(check, spec, path, "A pod's spec", POD_SPEC_FIELDS);
  const hostNetwork = readBoolean(check, spec.hostNetwork, [...path, "hostNetwork"]) ?? false;
  const nodeName = readText(check, spec.nodeName, [...path, "nodeName"]) ?? "";
  const ports = [
    ...readContainers(check, spec.initContainers, [...path, "initContainers"], isSidecar),
    ...readContainers(check, spec.containers, [...path, "containers"], () => true),
  ];
  return { labels, ports, hostNetwork, ...(nodeName === "" ? {} : { nodeName }) };
}

/** Init containers that run beside the others: their ports are open like any container's. */
function isSidecar(container: Readonly<Record<string, unknown>>): boolean {
  return container.restartPolicy === "Always";
}

function readContainers(
  check: Check,
  value: unknown,
  path: FieldPath,
  counts: (container: Readonly<Record<string, unknown>>) => boolean,
): ContainerPort[] {
  const list = readList(check, value, path, (v) =>
    isMapping(v) ? `Put a dash before ${Object.keys(v)[0] ?? "name"}: it is a list.` : undefined,
  );
  return (list ?? []).flatMap((item, index) => {
    const container = readMapping(check, item, [...path, index]);
    if (container === undefined) return [];
    checkSpelling(check, container, [...path, index], "A container", CONTAINER_FIELDS);
    if (!counts(container)) return [];
    const portsPath = [...path, index, "ports"];
    const ports = readList(check, container.ports, portsPath, (v) =>
      isMapping(v) ? "Put a dash before containerPort: it is a list." : undefined,
    );
    return (ports ?? []).flatMap((port, number) => readContainerPort(check, port, [...portsPath, number]));
  });
}

function readContainerPort(check: Check, value: unknown, path: FieldPath): ContainerPort[] {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "number" || typeof v === "string" ? `Write - containerPort: ${v}.` : undefined,
  );
  if (map === undefined) {
    if (isAbsent(value)) wrongType(check, value, path, "a mapping", "Write - containerPort: ...");
    return [];
  }
  checkSpelling(check, map, path, "A port of a container", PORT_FIELDS);
  const port = readNumber(check, map.containerPort, [...path, "containerPort"]);
  const protocol = readProtocol(check, map.protocol, [...path, "protocol"]) ?? "TCP";
  const name = readText(check, map.name, [...path, "name"]) ?? "";
  const fault = name === "" ? undefined : portNameFault(name);
  if (fault !== undefined) {
    addError(check, [...path, "name"], {
      code: "bad-port-name",
      message: `The port name ${inWords(name)} ${fault}.`,
    });
  }
  return port === undefined ? [] : [{ ...(name === "" ? {} : { name }), port, protocol }];
}

function readNumber(check: Check, value: unknown, path: FieldPath): number | undefined {
  if (isPortNumber(value)) return value;
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: `${pathInWords(path)} is missing.`,
      help: "Say which port the container listens on: containerPort: ...",
    });
  } else if (typeof value === "number" && Number.isInteger(value)) {
    addError(check, path, {
      code: "bad-port",
      message: `Port ${value} does not exist; ports go from 1 to 65535.`,
    });
  } else {
    const isQuoted = typeof value === "string" && /^[0-9]+$/.test(value);
    wrongType(
      check,
      value,
      path,
      "a port number",
      isQuoted ? `Remove the quotes: containerPort: ${value}` : undefined,
    );
  }
  return undefined;
}
