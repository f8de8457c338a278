import { type Check, newCheck } from "./check.ts";
import type { InputFinding } from "./finding-codes.ts";
import { readIngress, readIngressClass } from "./ingress.ts";
import type { Origin } from "./location.ts";
import { describeObject } from "./metadata.ts";
import { isPublishingKind, type PublishingObject } from "./published-objects.ts";
import { readService } from "./service.ts";

type Fields = Readonly<Record<string, unknown>>;

const API_VERSIONS: Readonly<Record<PublishingObject["kind"], string>> = {
  Service: "v1",
  Ingress: "networking.k8s.io/v1",
  IngressClass: "networking.k8s.io/v1",
};

const READERS: Readonly<Record<PublishingObject["kind"], (check: Check, value: Fields) => PublishingObject>> =
  {
    Service: readService,
    Ingress: readIngress,
    IngressClass: readIngressClass,
  };

/**
 * Reads an object that publishes pods; undefined for any other. No policy depends on it, so that nothing about it is
 * an error: one that cannot be understood is left out with a warning.
 */
export function readPublishing(
  value: Fields,
  origin: Origin,
): { readonly objects: readonly PublishingObject[]; readonly findings: readonly InputFinding[] } | undefined {
  const { kind, apiVersion } = value;
  if (typeof kind !== "string" || !isPublishingKind(kind) || apiVersion !== API_VERSIONS[kind])
    return undefined;
  const check = newCheck(origin, describeObject(kind, value, kind !== "IngressClass"));
  const object = READERS[kind](check, value);
  const findings = check.findings.map(
    (finding): InputFinding =>
      finding.severity === "error"
        ? {
            ...finding,
            severity: "warning",
            message: `${finding.message} What this ${kind} publishes is not known.`,
          }
        : finding,
  );
  return { objects: check.errors === 0 ? [object] : [], findings };
}
