import type { KubeContext } from "./context.ts";
import { KubeError } from "./kube-error.ts";

/** A failed connection in words for people. What is no error of the network or of TLS is given back as it is. */
export function connectionError(error: unknown, context: KubeContext): unknown {
  if (error instanceof KubeError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  const { server } = context;
  const { host, hostname } = new URL(server);
  const cause = { cause: error };
  const unreachable = (message: string, help: string): KubeError =>
    new KubeError("unreachable", message, help, cause);
  switch (code) {
    case "ECONNREFUSED":
      return unreachable(
        `Nothing listens at ${server} (connection refused).`,
        `Is the cluster up, and is this still its address? It is the server of ${contextInWords(context)}.`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
      return unreachable(
        `The name ${hostname} cannot be found (DNS).`,
        `Is the VPN up? The name is that of the server of ${contextInWords(context)}.`,
      );
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "ENETDOWN":
      return unreachable(
        `${host} does not answer (${code === "ETIMEDOUT" ? "timed out" : code}).`,
        `Is the VPN up, or a firewall between? It is the server of ${contextInWords(context)}.`,
      );
    case "ECONNRESET":
    case "EPIPE":
    case "ERR_STREAM_PREMATURE_CLOSE":
      return unreachable(
        `${host} has closed the connection.`,
        "Try again; if it happens each time, something between closes it: a proxy, or a load balancer.",
      );
  }
  return tlsError(code, error, context) ?? error;
}

function tlsError(code: string, error: Error, context: KubeContext): KubeError | undefined {
  const { server, tls } = context;
  const where = contextInWords(context);
  const certificate = (message: string, help: string): KubeError =>
    new KubeError("certificate", message, help, { cause: error });
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_SIGNATURE_FAILURE":
    case "CERT_UNTRUSTED":
      return certificate(
        `The certificate of ${server} is not signed by ${tls.authority === undefined ? "an authority that this machine trusts" : `the authority of ${where}`}.`,
        tls.authority === undefined
          ? "The kubeconfig should name the cluster's own authority (certificate-authority)."
          : `Was the cluster made anew? Fetch its kubeconfig again. Trusted was: ${tls.authorityFile}.`,
      );
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return certificate(
        `The certificate of ${server} ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}.`,
        "Is this machine's clock right? If it is, the certificates of the cluster must be renewed.",
      );
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return certificate(
        `The certificate of ${server} is for other names: ${error.message.split("altnames: ").at(-1)!}`,
        `Use one of them as the server of ${where}, or as its tls-server-name.`,
      );
  }
  if (code === "EPROTO" || /^ERR_SSL_/.test(code)) {
    if (/wrong version number|packet length too long|http request/i.test(error.message)) {
      return certificate(
        `${server} does not speak TLS.`,
        `Is it http:// instead of https:// in ${where}, or another port?`,
      );
    }
    return certificate(
      `The TLS handshake with ${server} failed: ${reasonOf(error)}.`,
      `If the client certificate of user ${context.user.name} has expired, fetch the kubeconfig again.`,
    );
  }
  if (/^ERR_OSSL_/.test(code)) {
    return certificate(
      `The certificates of ${where} cannot be used: ${reasonOf(error)}.`,
      "Does the client-key belong to the client-certificate, and are both PEM?",
    );
  }
  return undefined;
}

/** The last part of OpenSSL's `error:0A000415:SSL routines:...:sslv3 alert certificate expired`. */
function reasonOf(error: Error): string {
  const { reason } = error as { reason?: string };
  return reason ?? error.message.split("\n")[0]!.split(":").at(-1)!.trim();
}

/** The system's code; where several addresses of a name were tried, that of the first. */
function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first instanceof Error ? codeOf(first) : "";
}

/** `context prod of /home/me/.kube/config`. */
export function contextInWords({ name, file }: KubeContext): string {
  return file === undefined ? "this pod's own cluster" : `context ${name} of ${file}`;
}
