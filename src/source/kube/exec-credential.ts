import { spawn } from "node:child_process";
import { basename } from "node:path";
import { isMapping } from "../../k8s/check.ts";
import type { ClientCertificate, ExecPlugin, KubeContext } from "./context.ts";
import { KubeError } from "./kube-error.ts";

/** What an exec plugin gave: a token, a certificate with its key, or both. */
export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: ClientCertificate;
  /** Milliseconds since the epoch; absent if the plugin does not say. */
  readonly expires?: number;
}

/** A plugin that asks nobody should not take longer than this, in milliseconds. */
const PATIENCE = 60_000;

/** Runs an exec plugin as client.authentication.k8s.io/v1 and v1beta1 describe. Throws a KubeError. */
export async function runExecPlugin(plugin: ExecPlugin, context: KubeContext): Promise<ExecCredential> {
  const { apiVersion } = plugin;
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    throw failure(plugin, context, `asks for apiVersion ${apiVersion}, which is gone`, {
      help: "Update the plugin, and let it write the kubeconfig again: client.authentication.k8s.io/v1 is current.",
    });
  }
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (plugin.interactiveMode === "Always" && !terminal) {
    throw failure(plugin, context, "must ask you something, and there is no terminal", {
      help: "Run podwall in a terminal, or log in first.",
    });
  }
  const interactive = terminal && plugin.interactiveMode !== "Never";
  const info = {
    apiVersion,
    kind: "ExecCredential",
    spec: { interactive, ...(plugin.provideClusterInfo ? { cluster: clusterInfo(plugin, context) } : {}) },
  };
  const stdout = await run(plugin, context, JSON.stringify(info), interactive);
  return readCredential(plugin, context, stdout);
}

function clusterInfo(plugin: ExecPlugin, { server, tls, proxyUrl }: KubeContext): object {
  return {
    server,
    ...(tls.serverName === undefined ? {} : { "tls-server-name": tls.serverName }),
    ...(tls.insecure ? { "insecure-skip-tls-verify": true } : {}),
    ...(tls.authority === undefined
      ? {}
      : { "certificate-authority-data": Buffer.from(tls.authority).toString("base64") }),
    ...(proxyUrl === undefined ? {} : { "proxy-url": proxyUrl }),
    ...(plugin.clusterConfig === undefined ? {} : { config: plugin.clusterConfig }),
  };
}

function run(plugin: ExecPlugin, context: KubeContext, info: string, interactive: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: [interactive ? "inherit" : "ignore", "pipe", "pipe"],
    });
    // Who logs in by hand may take his time.
    const timer = interactive ? undefined : setTimeout(() => child.kill(), PATIENCE);
    let stdout = "";
    let stderr = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      // It may be asking for a password, or telling where to log in.
      if (interactive) process.stderr.write(text);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const why =
        error.code === "ENOENT"
          ? "is not installed, or not in PATH"
          : error.code === "EACCES"
            ? "may not be executed by you"
            : `cannot be started: ${error.message}`;
      reject(failure(plugin, context, why, { help: plugin.installHint, cause: error }));
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (status === 0) return resolve(stdout);
      const how =
        signal !== null
          ? `was ended by ${signal} (it has ${PATIENCE / 1000} s)`
          : `failed with status ${status}`;
      const words = interactive ? "" : lastLines(stderr);
      reject(
        failure(plugin, context, words === "" ? how : `${how}:\n${words}`, {
          help: "Run it by hand to see what it wants; often a login has expired.",
        }),
      );
    });
  });
}

function lastLines(text: string): string {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .slice(-8)
    .filter((line) => line.trim() !== "")
    .map((line) => `    ${line}`)
    .join("\n");
}

function readCredential(plugin: ExecPlugin, context: KubeContext, text: string): ExecCredential {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failure(plugin, context, "printed no JSON", { cause: error });
  }
  if (!isMapping(value) || value.kind !== "ExecCredential")
    throw failure(plugin, context, "printed no ExecCredential");
  if (value.apiVersion !== plugin.apiVersion) {
    throw failure(
      plugin,
      context,
      `printed apiVersion ${String(value.apiVersion)}, but the kubeconfig asks for ${plugin.apiVersion}`,
      { help: "Let the plugin write the kubeconfig again, or correct apiVersion there." },
    );
  }
  const status = isMapping(value.status) ? value.status : {};
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status;
  const hasToken = typeof token === "string" && token !== "";
  const hasCertificate = typeof clientCertificateData === "string" && typeof clientKeyData === "string";
  if (!hasToken && !hasCertificate)
    throw failure(plugin, context, "gave neither a token nor a certificate with its key");
  const expires = typeof expirationTimestamp === "string" ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    ...(hasToken ? { token } : {}),
    ...(hasCertificate ? { certificate: { certificate: clientCertificateData, key: clientKeyData } } : {}),
    ...(Number.isNaN(expires) ? {} : { expires }),
  };
}

function failure(
  plugin: ExecPlugin,
  context: KubeContext,
  what: string,
  { help, cause }: { help?: string | undefined; cause?: unknown } = {},
): KubeError {
  const name = basename(plugin.command);
  const message = `The credential plugin ${name} of user ${context.user.name} (context ${context.name}) ${what}`;
  return new KubeError(
    "credentials",
    /[.\n]/.test(message.at(-1)!) || what.includes("\n") ? message : `${message}.`,
    help ?? `To try it: ${[plugin.command, ...plugin.args].join(" ")}`,
    cause === undefined ? undefined : { cause },
  );
}
