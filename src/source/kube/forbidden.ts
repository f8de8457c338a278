import type { Finding, Severity } from "../../k8s/finding.ts";
import type { KubeContext } from "./context.ts";
import { fullNameOf, type KubeResource } from "./resource.ts";

/** The code of findings about what this user may not read. */
export const FORBIDDEN = "forbidden";

/** Something that may not be listed or, namespaces with names, not be read by name. */
export interface Refusal {
  readonly resource: KubeResource;
  /** The namespaces where it was asked for; the whole cluster if absent. */
  readonly namespaces?: readonly string[];
  /** The names of the namespaces that were asked for one by one. */
  readonly names?: readonly string[];
  /** The server's own words. */
  readonly words: string;
}

/** What a refusal means for the answer, who was refused, and the RBAC rule that would end it. */
export function forbiddenFinding(
  refusal: Refusal,
  context: KubeContext,
  severity: Severity,
  consequence: string,
): Finding {
  const { resource, namespaces, names, words } = refusal;
  const user = /\bUser "([^"]*)"/.exec(words)?.[1];
  const who = user === undefined ? `user ${context.user.name} of the kubeconfig` : `user ${user}`;
  const where =
    namespaces === undefined
      ? resource.namespaced
        ? " in all namespaces"
        : ""
      : ` in ${namespaces.length === 1 ? "namespace" : "namespaces"} ${namespaces.join(", ")}`;
  // A namespace counts as being in itself, so that a Role in it may let it be read.
  const homes = namespaces ?? names;
  const role = homes === undefined ? "ClusterRole" : `Role in ${homes.join(" and in ")}`;
  const verb = verbOf(refusal);
  const only = names === undefined ? "" : `, resourceNames: ${JSON.stringify(names)}`;
  const rule = `{apiGroups: ["${resource.group}"], resources: ["${resource.plural}"]${only}, verbs: ["${verb}"]}`;
  return {
    code: FORBIDDEN,
    severity,
    position: { file: `context ${context.name}`, line: 0, column: 0 },
    message: `You (${who}) may not ${verb} ${fullNameOf(resource)}${where}. ${consequence}`,
    help: [`Ask for a ${role} with the rule ${rule}.`, `To check: ${canI(refusal, context)}`].join("\n  "),
  };
}

function verbOf({ names }: Refusal): "list" | "get" {
  return names === undefined ? "list" : "get";
}

/** The kubectl command that tells whether it is allowed now. */
function canI(refusal: Refusal, { name, file }: KubeContext): string {
  const { resource, namespaces, names } = refusal;
  const [namespace] = namespaces ?? names ?? [];
  const scope = namespace !== undefined ? ` -n ${namespace}` : resource.namespaced ? " -A" : "";
  const from = file === undefined ? "" : ` --kubeconfig ${quoted(file)} --context ${quoted(name)}`;
  const what = `${fullNameOf(resource)}${names === undefined ? "" : `/${names[0]}`}`;
  return `kubectl${from} auth can-i ${verbOf(refusal)} ${what}${scope}`;
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
