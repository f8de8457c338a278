import type { Finding, Severity } from "../../k8s/finding.ts";
import type { KubeContext } from "./context.ts";
import { fullNameOf, type KubeResource } from "./resource.ts";

/** The code of findings about what this user may not read. */
export const FORBIDDEN = "forbidden";

/** Something that may not be listed. */
export interface Refusal {
  readonly resource: KubeResource;
  /** The namespaces where it was asked for; the whole cluster if absent. */
  readonly namespaces?: readonly string[];
  /** The server's own words. */
  readonly words: string;
}

/** What a refusal means for the answer, who was refused, and the RBAC rule that would end it. */
export function forbiddenFinding(
  { resource, namespaces, words }: Refusal,
  context: KubeContext,
  severity: Severity,
  consequence: string,
): Finding {
  const user = /\bUser "([^"]*)"/.exec(words)?.[1];
  const who = user === undefined ? `user ${context.user.name} of the kubeconfig` : `user ${user}`;
  const where =
    namespaces === undefined
      ? resource.namespaced
        ? " in all namespaces"
        : ""
      : ` in ${namespaces.length === 1 ? "namespace" : "namespaces"} ${namespaces.join(", ")}`;
  const role = namespaces === undefined ? "ClusterRole" : "Role";
  const rule = `{apiGroups: ["${resource.group}"], resources: ["${resource.plural}"], verbs: ["list"]}`;
  return {
    code: FORBIDDEN,
    severity,
    position: { file: `context ${context.name}`, line: 0, column: 0 },
    message: `You (${who}) may not list ${fullNameOf(resource)}${where}. ${consequence}`,
    help: [
      `Ask for a ${role} with the rule ${rule}.`,
      `To check: ${canI(resource, context, namespaces?.[0])}`,
    ].join("\n  "),
  };
}

/** The kubectl command that tells whether the listing is allowed now. */
function canI(resource: KubeResource, { name, file }: KubeContext, namespace: string | undefined): string {
  const scope = namespace !== undefined ? ` -n ${namespace}` : resource.namespaced ? " -A" : "";
  const from = file === undefined ? "" : ` --kubeconfig ${quoted(file)} --context ${quoted(name)}`;
  return `kubectl${from} auth can-i list ${fullNameOf(resource)}${scope}`;
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
