import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { KubeContext } from "./context.ts";
import { KubeError } from "./kube-error.ts";

/**
 * The proxy for a context: its `proxy-url`, else HTTPS_PROXY (HTTP_PROXY for plain HTTP) unless NO_PROXY names the
 * host. Undefined for none; as in kubectl, never for this very machine by way of the environment. Throws a KubeError
 * for a kind of proxy that is not supported.
 */
export function proxyOf(context: KubeContext, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const server = new URL(context.server);
  const named = context.proxyUrl;
  const variable = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = named ?? (isExempt(server, env) ? undefined : env[variable] || env[variable.toLowerCase()]);
  if (!text) return undefined;
  const url = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url);
  throw new KubeError(
    "kubeconfig",
    `The proxy ${text} ${named === undefined ? `of ${variable}` : `of context ${context.name} (proxy-url)`} is not supported: only http:// and https:// proxies are.`,
  );
}

function isExempt(server: URL, env: NodeJS.ProcessEnv): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return true;
  const entries = (env.NO_PROXY || env.no_proxy || "").split(",").map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => {
    const bare = entry.replace(/^\*?\./, "");
    return entry === "*" || (bare !== "" && (host === bare || host.endsWith(`.${bare}`)));
  });
}

/** A connection to `host:port` through a proxy (RFC 9110, CONNECT). */
export function tunnel(proxy: URL, authority: string, signal: AbortSignal): Promise<Socket> {
  const user = decodeURIComponent(proxy.username);
  const credentials = `${user}:${decodeURIComponent(proxy.password)}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === "https:" ? https : http).request(proxy, {
      method: "CONNECT",
      path: authority,
      signal,
      headers: {
        host: authority,
        ...(user === ""
          ? {}
          : { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
      },
    });
    request.on("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(
        new KubeError(
          "unreachable",
          `The proxy ${proxy.host} does not connect to ${authority}: ${response.statusCode} ${response.statusMessage ?? ""}`.trimEnd(),
          "Ask whoever runs the proxy, or take it out of the kubeconfig (proxy-url) or the environment (HTTPS_PROXY).",
        ),
      );
    });
    request.on("error", (error) =>
      reject(
        new KubeError(
          "unreachable",
          `The proxy ${proxy.host} cannot be reached: ${error.message}.`,
          undefined,
          {
            cause: error,
          },
        ),
      ),
    );
    request.end();
  });
}
