import { inWords, isMapping } from "../../k8s/check.ts";
import type { ClientCertificate, ExecPlugin, Impersonation, KubeUser } from "./context.ts";
import { KubeError } from "./kube-error.ts";
import { type KubeconfigEntry, pathFrom } from "./kubeconfig-file.ts";
import { booleanOf, pemOf, textOf } from "./kubeconfig-values.ts";

/** Reads an entry of `users`. `clusterConfig` is what the cluster's entry holds for exec plugins. */
export async function kubeconfigUser(
  name: string,
  entry: KubeconfigEntry,
  clusterConfig: unknown,
): Promise<KubeUser> {
  const at = `user ${name} of ${entry.file}`;
  if (isMapping(entry.fields["auth-provider"])) {
    throw new KubeError(
      "kubeconfig",
      `The ${at} uses auth-provider ${inWords(entry.fields["auth-provider"].name)}, which Kubernetes has replaced by exec plugins.`,
      "Let the cloud provider's tool write the kubeconfig again, or use a token: kubectl create token.",
    );
  }
  const certificate = await certificateOf(entry, at);
  const token = textOf(entry, "token", at);
  const tokenFile = textOf(entry, "tokenFile", at);
  const username = textOf(entry, "username", at);
  const impersonate = impersonationOf(entry, at);
  const exec = execOf(entry, at, clusterConfig);
  return {
    name,
    ...(certificate === undefined ? {} : { certificate }),
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile: pathFrom(entry, tokenFile) }),
    ...(username === undefined ? {} : { basic: { username, password: textOf(entry, "password", at) ?? "" } }),
    ...(exec === undefined ? {} : { exec }),
    ...(impersonate === undefined ? {} : { impersonate }),
  };
}

async function certificateOf(entry: KubeconfigEntry, at: string): Promise<ClientCertificate | undefined> {
  const [certificate, key] = await Promise.all([
    pemOf(entry, "client-certificate", at),
    pemOf(entry, "client-key", at),
  ]);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate !== undefined && key !== undefined) return { certificate: certificate.pem, key: key.pem };
  throw new KubeError(
    "kubeconfig",
    `The ${at} has a client-${certificate === undefined ? "key" : "certificate"} without its client-${certificate === undefined ? "certificate" : "key"}.`,
  );
}

function impersonationOf(entry: KubeconfigEntry, at: string): Impersonation | undefined {
  const user = textOf(entry, "as", at);
  if (user === undefined) return undefined;
  const uid = textOf(entry, "as-uid", at);
  const extra = entry.fields["as-user-extra"];
  return {
    user,
    ...(uid === undefined ? {} : { uid }),
    groups: texts(entry.fields["as-groups"], `as-groups of ${at}`),
    extra: isMapping(extra)
      ? Object.fromEntries(
          Object.entries(extra).map(([key, values]) => [key, texts(values, `as-user-extra of ${at}`)]),
        )
      : {},
  };
}

function execOf(entry: KubeconfigEntry, at: string, clusterConfig: unknown): ExecPlugin | undefined {
  const fields = entry.fields.exec;
  if (fields === undefined || fields === null) return undefined;
  const where = `exec of ${at}`;
  if (!isMapping(fields)) throw new KubeError("kubeconfig", `${where} must be a mapping.`);
  const exec: KubeconfigEntry = { file: entry.file, fields };
  const command = textOf(exec, "command", where);
  const apiVersion = textOf(exec, "apiVersion", where);
  if (command === undefined || apiVersion === undefined) {
    throw new KubeError("kubeconfig", `${where} has no ${command === undefined ? "command" : "apiVersion"}.`);
  }
  const installHint = textOf(exec, "installHint", where);
  const mode = textOf(exec, "interactiveMode", where) ?? "IfAvailable";
  if (mode !== "Never" && mode !== "IfAvailable" && mode !== "Always") {
    throw new KubeError(
      "kubeconfig",
      `interactiveMode of ${where} must be Never, IfAvailable or Always, not ${inWords(mode)}.`,
    );
  }
  return {
    // A bare name is looked for in PATH; client-go resolves the rest against the folder of the kubeconfig.
    command: /[\\/]/.test(command) ? pathFrom(entry, command) : command,
    args: texts(fields.args, `args of ${where}`),
    env: environmentOf(fields.env, where),
    apiVersion,
    ...(installHint === undefined ? {} : { installHint }),
    provideClusterInfo: booleanOf(exec, "provideClusterInfo", where) ?? false,
    interactiveMode: mode,
    ...(clusterConfig === undefined ? {} : { clusterConfig }),
  };
}

function environmentOf(value: unknown, where: string): Record<string, string> {
  const items = value ?? [];
  if (!Array.isArray(items)) throw new KubeError("kubeconfig", `env of ${where} must be a list.`);
  return Object.fromEntries(
    items.map((item: unknown) => {
      if (isMapping(item) && typeof item.name === "string" && typeof (item.value ?? "") === "string") {
        return [item.name, (item.value ?? "") as string];
      }
      throw new KubeError(
        "kubeconfig",
        `env of ${where} must be a list of {name: ..., value: ...} with texts.`,
        "Put numbers and booleans in quotes.",
      );
    }),
  );
}

function texts(value: unknown, where: string): readonly string[] {
  const items = value ?? [];
  if (Array.isArray(items) && items.every((item) => typeof item === "string")) return items;
  throw new KubeError(
    "kubeconfig",
    `${where} must be a list of texts.`,
    "Put numbers and booleans in quotes.",
  );
}
