import { addError, type Check, isAbsent, readList, readMapping, readText } from "./check.ts";
import type { FieldPath } from "./location.ts";
import { readMetadata, readNamespace } from "./metadata.ts";
import { readPortNumber } from "./port-number.ts";
import type { Ingress, IngressBackend, IngressClass } from "./published-objects.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads networking.k8s.io/v1 Ingress. To be used only if the check has no errors. */
export function readIngress(check: Check, value: Fields): Ingress {
  const { name } = readMetadata(check, value);
  const spec = readMapping(check, value.spec, ["spec"]) ?? {};
  const className = readText(check, spec.ingressClassName, ["spec", "ingressClassName"]);
  const backends = readBackend(check, spec.defaultBackend, ["spec", "defaultBackend"]);
  for (const [index, item] of (readList(check, spec.rules, ["spec", "rules"]) ?? []).entries()) {
    backends.push(...readRule(check, item, ["spec", "rules", index]));
  }
  return {
    kind: "Ingress",
    namespace: readNamespace(check, value),
    name,
    ...(className === undefined || className === "" ? {} : { className }),
    backends,
    origin: check.origin,
  };
}

function readRule(check: Check, value: unknown, path: FieldPath): IngressBackend[] {
  const rule = readMapping(check, value, path);
  const host = readText(check, rule?.host, [...path, "host"]);
  const http = readMapping(check, rule?.http, [...path, "http"]);
  const pathsPath = [...path, "http", "paths"];
  return (readList(check, http?.paths, pathsPath) ?? []).flatMap((item, index) => {
    const itemPath = [...pathsPath, index];
    const entry = readMapping(check, item, itemPath);
    const urlPath = readText(check, entry?.path, [...itemPath, "path"]);
    return readBackend(check, entry?.backend, [...itemPath, "backend"]).map((backend) => ({
      ...(host === undefined || host === "" ? {} : { host }),
      ...(urlPath === undefined || urlPath === "" ? {} : { path: urlPath }),
      ...backend,
    }));
  });
}

/** At most one; a backend that is a resource and no service is none. */
function readBackend(check: Check, value: unknown, path: FieldPath): IngressBackend[] {
  const backend = readMapping(check, value, path);
  if (backend === undefined || (isAbsent(backend.service) && !isAbsent(backend.resource))) return [];
  const service = readMapping(check, backend.service, [...path, "service"]);
  const name = readText(check, service?.name, [...path, "service", "name"]);
  if (service === undefined || name === undefined || name === "") {
    addError(check, [...path, "service"], {
      code: "missing-field",
      message: "The backend names no service.",
      help: "Write service: {name: NAME, port: {number: 80}}.",
    });
    return [];
  }
  const portPath = [...path, "service", "port"];
  const port = readMapping(check, service.port, portPath);
  const portName = readText(check, port?.name, [...portPath, "name"]);
  if (portName !== undefined && portName !== "") return [{ service: name, port: portName }];
  const number = readPortNumber(check, port?.number, [...portPath, "number"]);
  return number === undefined ? [] : [{ service: name, port: number }];
}

/** Reads networking.k8s.io/v1 IngressClass. To be used only if the check has no errors. */
export function readIngressClass(check: Check, value: Fields): IngressClass {
  const { name } = readMetadata(check, value);
  const spec = readMapping(check, value.spec, ["spec"]);
  const controller = readText(check, spec?.controller, ["spec", "controller"]) ?? "";
  return { kind: "IngressClass", name, controller, origin: check.origin };
}
