import { setTimeout as sleep } from "node:timers/promises";
import { connectionError } from "./connection-error.ts";
import {
  type Answer,
  type Connections,
  connectionsOf,
  type Encoding,
  type Request,
  type ResponseBody,
} from "./connections.ts";
import type { KubeContext } from "./context.ts";
import { type Credentials, credentialsOf } from "./credentials.ts";
import { KubeError } from "./kube-error.ts";
import { type LimitedSignal, limitedSignal } from "./limited-signal.ts";
import { type RequestReport, requestInfo } from "./request-info.ts";
import { retryAfterOf, statusError } from "./status-error.ts";

/** Parameters of a request: of the URL's query. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The API server of a context. All calls throw a {@link KubeError}, or the signal's reason once it is aborted. */
export interface KubeClient {
  readonly context: KubeContext;
  /**
   * The JSON at a path such as `/api/v1/pods`. Waits and asks again where the server says that it is too busy.
   * `accept` is the media type, plain JSON if absent.
   */
  get(path: string, query?: Query, signal?: AbortSignal, accept?: string): Promise<unknown>;
  /**
   * The same without reading it, unpacked and without a limit of time: for watches, which must not be held up. Asks once
   * only: who watches goes on asking anyway, and knows what to say meanwhile.
   */
  open(path: string, query?: Query, signal?: AbortSignal): Promise<ResponseBody>;
  /**
   * Creates an object from JSON; resolves to it as the server has it now. Waits and asks again as `get` does. Where the
   * connection breaks it may be sent twice: give the object a name, so that the server refuses the second one.
   */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Ends all connections. */
  close(): void;
}

/** How long things may take, in milliseconds. */
export interface ClientTimes {
  /** Until a connection stands, TLS included. */
  readonly connect: number;
  /** A whole request of `get` or `post`. The server gives up by itself after 60 s. */
  readonly request: number;
  /** Until the answer to `open` begins. An overloaded server lets requests wait for 15 s. */
  readonly answer: number;
}

export interface ClientOptions extends Partial<ClientTimes> {
  /** Told of every request when it has ended. May not throw. */
  readonly onRequest?: (report: RequestReport) => void;
}

const TIMES: ClientTimes = { connect: 10_000, request: 120_000, answer: 30_000 };
/** How often a request is repeated that the server was too busy for. */
const MAX_RETRIES = 4;

export function createKubeClient(context: KubeContext, options: ClientOptions = {}): KubeClient {
  const credentials = credentialsOf(context);
  const connections = connectionsOf(context);
  const { onRequest, ...times } = options;
  const limits = { ...TIMES, ...times };

  const send = async (call: Call, signal: AbortSignal | undefined): Promise<Answer> => {
    const url = urlOf(context.server, call.path, call.query ?? {});
    const method = call.body === undefined ? "GET" : "POST";
    const request: Request = {
      method,
      url,
      signal,
      accept: call.accept ?? "application/json",
      encoding: call.encoding,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      patience: limits.connect,
      onEnd: (code, bytes) => {
        const info = requestInfo(method, call.path, call.query?.watch === true);
        onRequest?.({ ...info, path: call.path, code, bytes });
      },
    };
    for (let attempt = 0; ; attempt++) {
      const answer = await authorized(credentials, connections, request).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw connectionError(error, context);
      });
      const { status, headers } = answer;
      if (status >= 200 && status < 300) return answer;
      const text = await textOf(answer, context);
      if (isTooBusy(status, call.path) && attempt < (call.retries ?? MAX_RETRIES)) {
        await sleep(pause(retryAfterOf(headers), attempt), undefined, signal && { signal });
        continue;
      }
      throw statusError(status, text, url, context, headers);
    }
  };
  const lateError = (
    error: unknown,
    limited: LimitedSignal,
    outer: AbortSignal | undefined,
    path: string,
    limit: number,
  ): unknown => {
    outer?.throwIfAborted();
    if (!limited.isOver()) return error;
    connections.dropIdle();
    return new KubeError(
      "unreachable",
      `${context.server}${path} took longer than ${limit / 1000} s.`,
      "The server or the way to it is overloaded; try again later.",
    );
  };
  /** The JSON of the answer, within the time for a whole request. */
  const json = async (call: Omit<Call, "encoding">, outer: AbortSignal | undefined): Promise<unknown> => {
    const limited = limitedSignal(outer, limits.request);
    try {
      const answer = await send({ ...call, encoding: "gzip" }, limited.signal);
      return parseJson(await textOf(answer, context), answer, context);
    } catch (error) {
      throw lateError(error, limited, outer, call.path, limits.request);
    } finally {
      limited.release();
    }
  };

  return {
    context,
    get: (path, query = {}, signal, accept) =>
      json({ path, query, ...(accept === undefined ? {} : { accept }) }, signal),
    open: async (path, query = {}, outer) => {
      // Servers pack a watch only while it stands in for a list, since 1.37.
      const encoding = query.sendInitialEvents === true ? "gzip" : "identity";
      const limited = limitedSignal(outer, limits.answer);
      try {
        const { body } = await send({ path, query, encoding, retries: 0 }, limited.signal);
        limited.setUnlimited();
        body.once("close", limited.release);
        return body;
      } catch (error) {
        limited.release();
        throw lateError(error, limited, outer, path, limits.answer);
      }
    },
    post: (path, body, signal) => json({ path, body }, signal),
    close: () => connections.close(),
  };
}

/** What is asked of the server; a POST if there is a body. */
interface Call {
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly accept?: string;
  readonly encoding: Encoding;
  /** How often it is repeated if the server is too busy. */
  readonly retries?: number;
}

/** A 503 of the proxy to a pod is said of the pod, not of the server: it cannot be reached, and waiting is no help. */
function isTooBusy(status: number, path: string): boolean {
  return status === 429 || (status === 503 && !/\/pods\/[^/]+\/proxy(\/|$)/.test(path));
}

function urlOf(server: string, path: string, query: Query): URL {
  const url = new URL(`${server}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Sends a request; once more with new credentials if they have aged since they were read. */
async function authorized(
  credentials: Credentials,
  connections: Connections,
  request: Request,
): Promise<Answer> {
  const credential = await credentials.current();
  const answer = await connections.send(request, credential);
  if (answer.status !== 401 || !credentials.refused(credential)) return answer;
  answer.body.destroy();
  return connections.send(request, await credentials.current());
}

async function textOf({ body }: Answer, context: KubeContext): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    throw connectionError(error, context);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string, { headers }: Answer, context: KubeContext): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KubeError(
      "server",
      `${context.server} answers, but not as an API server does (${headers["content-type"] ?? "no content type"}).`,
      "Is there a login page or a proxy at this address?",
      { cause: error },
    );
  }
}

/** Milliseconds to wait before a request is repeated: as told, else longer each time. */
function pause(told: number | undefined, attempt: number): number {
  return (told ?? 500 * 2 ** attempt) * (1 + Math.random() / 4);
}
