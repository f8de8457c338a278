import type { IncomingHttpHeaders } from "node:http";
import { isMapping } from "../../k8s/check.ts";
import { contextInWords } from "./connection-error.ts";
import type { KubeContext } from "./context.ts";
import { expiredInWords } from "./expiry.ts";
import { KubeError } from "./kube-error.ts";

/** An answer that is no success, in words for people; what the server says of itself is kept. */
export function statusError(
  status: number,
  body: string,
  url: URL,
  context: KubeContext,
  headers: IncomingHttpHeaders,
): KubeError {
  const words = messageOf(body);
  const { server, user } = context;
  switch (status) {
    case 401:
      return new KubeError(
        "unauthorized",
        `${server} does not accept the credentials of user ${user.name} (401${words === undefined ? "" : `, ${words}`}).`,
        `${expiredInWords(user, Date.now()) ?? "A token or a certificate may have expired."} Log in again, or fetch the kubeconfig again: it was ${contextInWords(context)}.`,
      );
    case 403:
      return new KubeError("forbidden", words ?? `${server}${url.pathname} is forbidden.`);
    case 404:
      // Go's HTTP server says `404 page not found`, but not of which page.
      return words === undefined || words.endsWith("page not found")
        ? new KubeError("not-found", `${server} has no ${url.pathname}.`)
        : new KubeError("not-found", words);
    case 409:
      return new KubeError("conflict", words ?? `${server}${url.pathname}: there is one already.`);
    case 410:
      return new KubeError("expired", words ?? `${url.pathname}: too old.`);
  }
  if (status >= 300 && status < 400) {
    return new KubeError(
      "server",
      `${server} sends on to ${headers.location ?? "another address"}, which no API server does.`,
      `Is there a login page or a proxy at this address? It is the server of ${contextInWords(context)}.`,
    );
  }
  // Go's HTTP server says so to whoever speaks plain HTTP to it.
  if (status === 400 && /HTTP request to an HTTPS server/.test(body)) {
    return new KubeError(
      "server",
      `${server} wants TLS.`,
      `Write https:// instead of http:// for the server of ${contextInWords(context)}.`,
    );
  }
  return new KubeError(
    "server",
    `${server}${url.pathname} answers with ${status}: ${words ?? "(no words)"}.`,
    status >= 500 ? "The server or something behind it is in trouble; try again later." : undefined,
    { status, retryAfter: retryAfterOf(headers) },
  );
}

/** `Retry-After` in milliseconds, half a minute at most. API servers give seconds, never a date. */
export function retryAfterOf({ "retry-after": header }: IncomingHttpHeaders): number | undefined {
  const seconds = header === undefined ? Number.NaN : Number(header);
  return seconds >= 0 ? Math.min(seconds, 30) * 1000 : undefined;
}

/** The message of a meta/v1 Status; else the first line, if it is short and no page of HTML. */
function messageOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (isMapping(value) && typeof value.message === "string" && value.message !== "")
      return withoutDot(value.message);
  } catch {
    const [line = ""] = body.trim().split("\n");
    if (line !== "" && line.length < 200 && !line.startsWith("<")) return withoutDot(line);
  }
  return undefined;
}

function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
