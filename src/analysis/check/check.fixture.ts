// What tests of checks share: manifests in, findings out.
import { buildCluster } from "../../cluster/build.ts";
import { declaredNamespacesOf } from "../../cluster/declared-namespaces.ts";
import type { Finding } from "../../k8s/finding.ts";
import { formatPosition } from "../../k8s/location.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import type { Check } from "./check.ts";
import { type CheckInput, checkContext } from "./run-checks.ts";

/** The input that a text with manifests, `input.yaml`, makes for checks. */
export function checkInputOf(text: string, more: Partial<CheckInput> = {}): CheckInput {
  const { objects, findings } = parseManifests([{ file: "input.yaml", text }]);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return {
    cluster: buildCluster(objects).cluster,
    declaredNamespaces: declaredNamespacesOf(objects),
    everything: false,
    ...more,
  };
}

/** What one check says of a text with manifests. */
export function findingsOf(check: Check, text: string, more: Partial<CheckInput> = {}): Finding[] {
  return [...check.run(checkContext(checkInputOf(text, more)))];
}

/** `line:column severity code` of each finding. */
export function placesOf(findings: readonly Finding[]): string[] {
  return findings.map(
    ({ position, severity, code }) =>
      `${formatPosition(position).replace("input.yaml:", "")} ${severity} ${code}`,
  );
}

/** A pod of a Deployment-like name, with labels such as `app: db` and container ports such as `{containerPort: 80}`. */
export function podText(name: string, labels: string, ports = ""): string {
  const [namespace, own] = name.split("/");
  return `---
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${own}, labels: {${labels}}}
spec: {containers: [{name: c, image: i${ports === "" ? "" : `, ports: [${ports}]`}}]}
`;
}

/** A Namespace with labels such as `team: a`. */
export function namespaceText(name: string, labels = ""): string {
  return `---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {${labels}}}
`;
}
