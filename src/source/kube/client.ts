import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { createGunzip } from "node:zlib";
import { connectionError } from "./connection-error.ts";
import type { KubeContext } from "./context.ts";
import { type Credential, type Credentials, credentialsOf } from "./credentials.ts";
import { KubeError } from "./kube-error.ts";
import { proxyOf, tunnel } from "./proxy.ts";
import { statusError } from "./status-error.ts";

/** Parameters of a request: of the URL's query. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The body of an answer, unpacked, still to be read; destroying it ends the request. */
export type ResponseBody = NodeJS.ReadableStream & AsyncIterable<Buffer> & { destroy(error?: Error): void };

/** The API server of a context. All calls throw a {@link KubeError}, or the signal's reason once it is aborted. */
export interface KubeClient {
  readonly context: KubeContext;
  /** The JSON at a path such as `/api/v1/pods`. Waits and asks again where the server says that it is too busy. */
  get(path: string, query?: Query, signal?: AbortSignal): Promise<unknown>;
  /** The same without reading it, and without a limit of time once it begins: for watches. */
  open(path: string, query?: Query, signal?: AbortSignal): Promise<ResponseBody>;
  /** Ends the idle connections. */
  close(): void;
}

/** How long things may take, in milliseconds. */
export interface ClientTimes {
  /** Until a connection stands, TLS included. */
  readonly connect: number;
  /** A whole request of `get`. The server gives up by itself after 60 s. */
  readonly request: number;
}

const TIMES: ClientTimes = { connect: 10_000, request: 120_000 };
/** How often a request is repeated that the server was too busy for. */
const MAX_RETRIES = 4;

export function createKubeClient(context: KubeContext, times: Partial<ClientTimes> = {}): KubeClient {
  const credentials = credentialsOf(context);
  const connections = connectionsOf(context);
  const limits = { ...TIMES, ...times };

  const open = async (path: string, query: Query, signal: AbortSignal | undefined): Promise<Answer> => {
    const url = urlOf(context.server, path, query);
    for (let attempt = 0; ; attempt++) {
      const answer = await authorized(credentials, connections, url, signal, limits.connect).catch(
        (error: unknown) => {
          signal?.throwIfAborted();
          throw connectionError(error, context);
        },
      );
      const { status, headers } = answer;
      if (status >= 200 && status < 300) return answer;
      const text = await textOf(answer, context);
      if ((status === 429 || status === 503) && attempt < MAX_RETRIES) {
        await sleep(retryAfter(headers["retry-after"], attempt), undefined, signal && { signal });
        continue;
      }
      throw statusError(status, text, url, context, headers);
    }
  };

  return {
    context,
    async get(path, query = {}, outer) {
      const limit = AbortSignal.timeout(limits.request);
      const signal = outer === undefined ? limit : AbortSignal.any([outer, limit]);
      try {
        const answer = await open(path, query, signal);
        return parseJson(await textOf(answer, context), answer, context);
      } catch (error) {
        if (!limit.aborted || outer?.aborted) throw error;
        throw new KubeError(
          "unreachable",
          `${context.server}${path} took longer than ${limits.request / 1000} s.`,
          "The server or the way to it is overloaded; try again later.",
        );
      }
    },
    open: async (path, query = {}, signal) => (await open(path, query, signal)).body,
    close: () => connections.close(),
  };
}

function urlOf(server: string, path: string, query: Query): URL {
  const url = new URL(`${server}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: ResponseBody;
}

/** Sends a request; once more with new credentials if they have aged since they were read. */
async function authorized(
  credentials: Credentials,
  connections: Connections,
  url: URL,
  signal: AbortSignal | undefined,
  patience: number,
): Promise<Answer> {
  const answer = await connections.send(url, await credentials.current(), signal, patience);
  if (answer.status !== 401 || !credentials.refused()) return answer;
  answer.body.destroy();
  return connections.send(url, await credentials.current(), signal, patience);
}

interface Connections {
  send(url: URL, credential: Credential, signal: AbortSignal | undefined, patience: number): Promise<Answer>;
  close(): void;
}

/** Connections that are used again; a new client certificate needs new ones. */
function connectionsOf(context: KubeContext): Connections {
  let agent: http.Agent | undefined;
  let certificate: Credential["certificate"];
  const agentFor = (credential: Credential): http.Agent => {
    if (agent === undefined || certificate?.certificate !== credential.certificate?.certificate) {
      agent?.destroy();
      agent = newAgent(context, credential);
      certificate = credential.certificate;
    }
    return agent;
  };
  const send: Connections["send"] = async (url, credential, signal, patience) => {
    try {
      return await sendOnce(url, agentFor(credential), credential, signal, patience);
    } catch (error) {
      // The server may have closed an idle connection at the very moment it was used again.
      if (!(error as { reusedSocket?: boolean }).reusedSocket) throw error;
      return sendOnce(url, agentFor(credential), credential, signal, patience);
    }
  };
  return { send, close: () => agent?.destroy() };
}

function newAgent(context: KubeContext, { certificate }: Credential): http.Agent {
  const isTls = context.server.startsWith("https:");
  const { authority, insecure, serverName } = context.tls;
  const options: https.AgentOptions = {
    keepAlive: true,
    ...(authority === undefined ? {} : { ca: authority }),
    ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: !insecure,
  };
  const agent = isTls ? new https.Agent(options) : new http.Agent({ keepAlive: true });
  const proxy = proxyOf(context);
  if (proxy !== undefined) connectThrough(agent, proxy, isTls);
  return agent;
}

type CreateConnection = (
  options: tls.ConnectionOptions & { readonly host: string; readonly port: number },
  done: (error: unknown, socket?: Socket) => void,
) => undefined;

function connectThrough(agent: http.Agent, proxy: URL, isTls: boolean): void {
  const createConnection: CreateConnection = (options, done) => {
    const name = options.host.includes(":") ? `[${options.host}]` : options.host;
    tunnel(proxy, `${name}:${options.port}`, AbortSignal.timeout(TIMES.connect)).then(
      (socket) => done(null, isTls ? tls.connect({ ...options, socket }) : socket),
      done,
    );
  };
  Object.assign(agent, { createConnection });
}

function sendOnce(
  url: URL,
  agent: http.Agent,
  { headers }: Credential,
  signal: AbortSignal | undefined,
  patience: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === "https:";
    const request = (isTls ? https : http).request(url, {
      agent,
      signal,
      headers: {
        accept: "application/json",
        "accept-encoding": "gzip",
        "user-agent": "podwall",
        ...(headers as http.OutgoingHttpHeaders),
      },
    });
    const timer = setTimeout(() => request.destroy(timedOut(patience)), patience);
    const connected = (): void => clearTimeout(timer);
    request.on("socket", (socket) => {
      if (request.reusedSocket) connected();
      else socket.once(isTls ? "secureConnect" : "connect", connected);
    });
    request.on("response", (response) => {
      connected();
      resolve({ status: response.statusCode!, headers: response.headers, body: unpacked(response) });
    });
    request.on("error", (error) => {
      connected();
      reject(request.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error);
    });
    request.end();
  });
}

function timedOut(patience: number): Error {
  return Object.assign(new Error(`no connection within ${patience} ms`), { code: "ETIMEDOUT" });
}

function unpacked(response: http.IncomingMessage): ResponseBody {
  if (response.headers["content-encoding"] !== "gzip") return response;
  const gunzip = createGunzip();
  response.on("error", (error) => gunzip.destroy(error));
  gunzip.on("close", () => response.destroy());
  return response.pipe(gunzip);
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
function retryAfter(header: string | undefined, attempt: number): number {
  const told = Number(header);
  const seconds = header !== undefined && told >= 0 ? Math.min(told, 30) : 2 ** attempt / 2;
  return seconds * 1000 * (1 + Math.random() / 4);
}
