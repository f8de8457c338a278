import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { isMapping } from "../../k8s/check.ts";
import { closest } from "../../k8s/suggest.ts";
import type { KubeContext, KubeTls } from "./context.ts";
import { inClusterContext } from "./in-cluster.ts";
import { KubeError } from "./kube-error.ts";
import { type KubeconfigEntry, type KubeconfigFile, readKubeconfigFile } from "./kubeconfig-file.ts";
import { kubeconfigUser } from "./kubeconfig-user.ts";
import { booleanOf, pemOf, textOf } from "./kubeconfig-values.ts";

/** Which cluster to read. */
export interface KubeTarget {
  /** The context; the current one if absent. */
  readonly context?: string;
  /** One kubeconfig; if absent those that the variable KUBECONFIG names, else `~/.kube/config`. */
  readonly kubeconfig?: string;
}

/**
 * Finds a context as kubectl does: of several files the first that has an entry counts, and the first that names a
 * current context. Without any kubeconfig a pod's own service account is used where there is one. Throws a
 * KubeError.
 */
export async function loadContext(
  target: KubeTarget,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KubeContext> {
  const names = kubeconfigNames(target, env);
  const read = await Promise.all(names.map(readKubeconfigFile));
  const files = read.filter((file) => file !== undefined);
  if (files.length === 0) {
    const own = target.context === undefined && !target.kubeconfig ? await inClusterContext(env) : undefined;
    if (own !== undefined) return own;
    throw new KubeError(
      "kubeconfig",
      `There is no kubeconfig: ${names.join(" and ")} ${names.length === 1 ? "does" : "do"} not exist.`,
      "Name one with --kubeconfig FILE, or set KUBECONFIG.",
    );
  }
  return resolveContext(files, target.context);
}

function kubeconfigNames(target: KubeTarget, env: NodeJS.ProcessEnv): readonly string[] {
  if (target.kubeconfig !== undefined) return [target.kubeconfig];
  const named = (env.KUBECONFIG ?? "").split(delimiter).filter((name) => name !== "");
  return named.length > 0 ? [...new Set(named)] : [join(env.HOME || homedir(), ".kube", "config")];
}

async function resolveContext(
  files: readonly KubeconfigFile[],
  wanted: string | undefined,
): Promise<KubeContext> {
  const where = files.map(({ file }) => file).join(", ");
  const known = [...new Set(files.flatMap(({ contexts }) => [...contexts.keys()]))];
  const name = wanted ?? files.find(({ currentContext }) => currentContext !== undefined)?.currentContext;
  if (name === undefined) {
    throw new KubeError(
      "kubeconfig",
      `${where} has no current context.`,
      known.length === 0
        ? "It has no contexts at all: is it the right file?"
        : `Choose one with --context: ${known.join(", ")}.`,
    );
  }
  const context = find(files, "contexts", name);
  if (context === undefined) {
    const near = closest(name, known);
    throw new KubeError(
      "kubeconfig",
      `${where} has no context ${name}.`,
      near !== undefined
        ? `Did you mean ${near}?`
        : known.length === 0
          ? "It has no contexts at all: is it the right file?"
          : `There are: ${known.join(", ")}.`,
    );
  }
  const at = `context ${name} of ${context.file}`;
  const clusterName = textOf(context, "cluster", at);
  const cluster = clusterName === undefined ? undefined : find(files, "clusters", clusterName);
  if (cluster === undefined) throw missing(at, "cluster", clusterName);
  const userName = textOf(context, "user", at);
  const user = userName === undefined ? undefined : find(files, "users", userName);
  if (userName !== undefined && user === undefined) throw missing(at, "user", userName);

  const inCluster = `cluster ${clusterName} of ${cluster.file}`;
  const proxyUrl = textOf(cluster, "proxy-url", inCluster);
  const namespace = textOf(context, "namespace", at);
  return {
    name,
    file: context.file,
    server: serverOf(cluster, inCluster),
    ...(namespace === undefined ? {} : { namespace }),
    tls: await tlsOf(cluster, inCluster),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    user:
      user === undefined
        ? { name: "anonymous" }
        : await kubeconfigUser(userName!, user, execExtension(cluster)),
  };
}

function find(
  files: readonly KubeconfigFile[],
  kind: "clusters" | "users" | "contexts",
  name: string,
): KubeconfigEntry | undefined {
  return files.find((file) => file[kind].has(name))?.[kind].get(name);
}

function missing(at: string, what: string, name: string | undefined): KubeError {
  return new KubeError(
    "kubeconfig",
    name === undefined
      ? `The ${at} names no ${what}.`
      : `The ${at} names ${what} ${name}, which is not there.`,
    "kubectl config view shows what the files hold together.",
  );
}

function serverOf(cluster: KubeconfigEntry, at: string): string {
  const text = textOf(cluster, "server", at);
  if (text === undefined) throw new KubeError("kubeconfig", `The ${at} has no server.`);
  const server = text.includes("://") ? text : `https://${text}`;
  if (!URL.canParse(server) || !/^https?:/.test(server)) {
    throw new KubeError("kubeconfig", `The server of ${at} is no address of an API server: ${text}.`);
  }
  return server.replace(/\/+$/, "");
}

async function tlsOf(cluster: KubeconfigEntry, at: string): Promise<KubeTls> {
  const insecure = booleanOf(cluster, "insecure-skip-tls-verify", at) ?? false;
  const authority = await pemOf(cluster, "certificate-authority", at);
  if (insecure && authority !== undefined) {
    throw new KubeError(
      "kubeconfig",
      `The ${at} has a certificate-authority and insecure-skip-tls-verify: true at once.`,
      "Remove insecure-skip-tls-verify.",
    );
  }
  const serverName = textOf(cluster, "tls-server-name", at);
  return {
    insecure,
    ...(authority === undefined ? {} : { authority: authority.pem, authorityFile: authority.from }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

/** What the cluster entry holds for exec plugins under the reserved name of the API. */
function execExtension(cluster: KubeconfigEntry): unknown {
  const { extensions } = cluster.fields;
  if (!Array.isArray(extensions)) return undefined;
  const own: unknown = extensions.find(
    (each: unknown) => isMapping(each) && each.name === "client.authentication.k8s.io/exec",
  );
  return isMapping(own) ? own.extension : undefined;
}
