/** What kept the API server, or the way to it, from giving an answer. */
export type KubeErrorCode =
  /** The kubeconfig cannot be read, or lacks what is needed. */
  | "kubeconfig"
  /** Credentials could not be had: an exec plugin or a token file failed. */
  | "credentials"
  /** No connection: nothing listens, no such host, no route, too slow. */
  | "unreachable"
  /** The server's certificate, or the client's, is not accepted. */
  | "certificate"
  /** HTTP 401. */
  | "unauthorized"
  /** HTTP 403. */
  | "forbidden"
  /** HTTP 404. */
  | "not-found"
  /** HTTP 409: there is one of that name already, or somebody was faster. */
  | "conflict"
  /** HTTP 410: a continue token or a resource version is too old. */
  | "expired"
  /** Any other answer that is no success, or no JSON. */
  | "server";

/** A failure on the way to an answer of an API server, in words for people: what and where, then what to do. */
export class KubeError extends Error {
  override readonly name: string = "KubeError";
  readonly code: KubeErrorCode;
  readonly help: string | undefined;
  /** The HTTP status, where the server has answered. */
  readonly status: number | undefined;
  /** How many milliseconds the server wants to be left alone, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    help?: string,
    options?: ErrorOptions & { readonly status?: number; readonly retryAfter?: number | undefined },
  ) {
    super(message, options);
    this.code = code;
    this.help = help;
    this.status = options?.status;
    this.retryAfter = options?.retryAfter;
  }
}
