import type { KubeContext } from "../context.ts";
import type { KubeError } from "../kube-error.ts";
import { fullNameOf, type KubeResource } from "../resource.ts";

/**
 * What to do about an error, as far as it can be told: its own help, or the rights to ask for. `wasAway`: the server may
 * have started just now; it refuses everybody until it has read who may do what.
 */
export function helpOf(
  error: KubeError,
  resource: KubeResource,
  context: KubeContext,
  wasAway = false,
): string | undefined {
  if (error.code !== "forbidden") return error.help;
  const { group, plural } = resource;
  const rule = `{apiGroups: ["${group}"], resources: ["${plural}"], verbs: ["list", "watch"]}`;
  const user = /\bUser "([^"]*)"/.exec(error.message)?.[1];
  const who = user ?? `user ${context.user.name}`;
  const as = user === undefined ? "" : ` --as ${user}`;
  const scope = resource.namespaced ? " -A" : "";
  return [
    ...(wasAway
      ? ["A server that has just started says so for some seconds: this may pass by itself. If not:"]
      : []),
    `Give ${who} a ClusterRole with the rule ${rule}; podwall goes on by itself then.`,
    `To check: kubectl auth can-i watch ${fullNameOf(resource)}${scope}${as}`,
  ].join("\n  ");
}
