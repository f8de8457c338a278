import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  pathInWords,
  readBooleanField,
  readList,
  readMapping,
  readTextField,
  wrongType,
} from "./check.ts";
import { checkSpelling } from "./fields.ts";
import { unquoteFix } from "./input-fixes.ts";
import { internPorts } from "./intern.ts";
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
  const hostNetwork = readBooleanField(check, spec, path, "hostNetwork") ?? false;
  const nodeName = readTextField(check, spec, path, "nodeName") ?? "";
  const ports: ContainerPort[] = [];
  if (!isAbsent(spec.initContainers)) {
    readContainers(check, spec.initContainers, [...path, "initContainers"], isSidecar, ports);
  }
  if (!isAbsent(spec.containers)) {
    readContainers(check, spec.containers, [...path, "containers"], isAnyContainer, ports);
  }
  return { labels, ports: internPorts(ports), hostNetwork, ...(nodeName === "" ? {} : { nodeName }) };
}

/** Init containers that run beside the others: their ports are open like any container's. */
function isSidecar(container: Readonly<Record<string, unknown>>): boolean {
  return container.restartPolicy === "Always";
}

function isAnyContainer(): boolean {
  return true;
}

function readContainers(
  check: Check,
  value: unknown,
  path: FieldPath,
  counts: (container: Readonly<Record<string, unknown>>) => boolean,
  ports: ContainerPort[],
): void {
  const list = readList(check, value, path, containersHelp) ?? [];
  for (let index = 0; index < list.length; index++) {
    const containerPath = [...path, index];
    const container = readMapping(check, list[index], containerPath);
    if (container === undefined) continue;
    checkSpelling(check, container, containerPath, "A container", CONTAINER_FIELDS);
    if (!counts(container) || isAbsent(container.ports)) continue;
    const portsPath = [...containerPath, "ports"];
    const items = readList(check, container.ports, portsPath, portsHelp) ?? [];
    for (let number = 0; number < items.length; number++) {
      const port = readContainerPort(check, items[number], [...portsPath, number]);
      if (port !== undefined) ports.push(port);
    }
  }
}

function containersHelp(value: unknown): string | undefined {
  return isMapping(value) ? `Put a dash before ${Object.keys(value)[0] ?? "name"}: it is a list.` : undefined;
}

function portsHelp(value: unknown): string | undefined {
  return isMapping(value) ? "Put a dash before containerPort: it is a list." : undefined;
}

function portHelp(value: unknown): string | undefined {
  return typeof value === "number" || typeof value === "string"
    ? `Write - containerPort: ${value}.`
    : undefined;
}

function readContainerPort(check: Check, value: unknown, path: FieldPath): ContainerPort | undefined {
  const map = readMapping(check, value, path, portHelp);
  if (map === undefined) {
    if (isAbsent(value)) wrongType(check, value, path, "a mapping", "Write - containerPort: ...");
    return undefined;
  }
  checkSpelling(check, map, path, "A port of a container", PORT_FIELDS);
  const { containerPort } = map;
  const port = isPortNumber(containerPort)
    ? containerPort
    : reportPortNumber(check, containerPort, [...path, "containerPort"]);
  // Of a container, the empty text is the default too (SetDefaults_ContainerPort); of a policy it is an error.
  const protocol =
    isAbsent(map.protocol) || map.protocol === ""
      ? "TCP"
      : (readProtocol(check, map.protocol, [...path, "protocol"]) ?? "TCP");
  const name = readTextField(check, map, path, "name") ?? "";
  const fault = name === "" ? undefined : portNameFault(name);
  if (fault !== undefined) {
    addError(check, [...path, "name"], {
      code: "bad-port-name",
      message: `The port name ${inWords(name)} ${fault}.`,
    });
  }
  if (port === undefined) return undefined;
  return name === "" ? { port, protocol } : { name, port, protocol };
}

/** Says what is wrong with a number of a port. */
function reportPortNumber(check: Check, value: unknown, path: FieldPath): undefined {
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
      unquoteFix(check, path, value),
    );
  }
  return undefined;
}
