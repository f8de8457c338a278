import { X509Certificate } from "node:crypto";
import { isMapping } from "../../k8s/check.ts";
import type { KubeUser } from "./context.ts";

/** Which of a user's own credentials have expired, in a sentence; undefined if none has, or nobody can tell. */
export function expiredInWords(user: KubeUser, now: number): string | undefined {
  const certificate = user.certificate && certificateExpiry(user.certificate.certificate);
  if (certificate !== undefined && certificate <= now)
    return `The client certificate of user ${user.name} has expired on ${utc(certificate)}.`;
  const token = user.token === undefined ? undefined : tokenExpiry(user.token);
  if (token !== undefined && token <= now) {
    return `The token of user ${user.name} has expired on ${utc(token)}.`;
  }
  return undefined;
}

/** Milliseconds since the epoch; undefined for what is no certificate. */
function certificateExpiry(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith("ERR_OSSL_")) return undefined;
    throw error;
  }
}

/** The `exp` of a JSON Web Token (RFC 7519) in milliseconds since the epoch; other tokens do not tell theirs. */
function tokenExpiry(token: string): number | undefined {
  const [, claims, signature] = token.split(".");
  if (claims === undefined || signature === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isMapping(value) && typeof value.exp === "number" ? value.exp * 1000 : undefined;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
