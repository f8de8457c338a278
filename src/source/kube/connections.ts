import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import tls from "node:tls";
import { createGunzip } from "node:zlib";
import type { KubeContext } from "./context.ts";
import type { Credential } from "./credentials.ts";
import { proxyOf, tunnel } from "./proxy.ts";

/** The body of an answer, unpacked, still to be read; destroying it ends the request. */
export type ResponseBody = NodeJS.ReadableStream & AsyncIterable<Buffer> & { destroy(error?: Error): void };

/** The answer to a request, of any status. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: ResponseBody;
}

/** How an answer may be packed. */
export type Encoding = "gzip" | "identity";

/** A request; a body is JSON. */
export interface Request {
  readonly method: "GET" | "POST";
  readonly body?: string;
  readonly url: URL;
  /** The media type that is wanted. */
  readonly accept: string;
  readonly encoding: Encoding;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds until a connection must stand. */
  readonly patience: number;
  /** Told once when it is over: the HTTP status or `error`, and the bytes of the body that came over the wire. */
  readonly onEnd: (code: string, bytes: number) => void;
}

/** Sends requests to the server of a context. */
export interface Connections {
  send(request: Request, credential: Credential): Promise<Answer>;
  /** Ends the idle connections: where one is dead without a word, the others may be too. */
  dropIdle(): void;
  /** Ends all connections. */
  close(): void;
}

/** Makes connections that are used again; a new client certificate needs new ones. */
export function connectionsOf(context: KubeContext): Connections {
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
  const send: Connections["send"] = async (request, credential) => {
    try {
      return await sendOnce(request, agentFor(credential), credential);
    } catch (error) {
      // The server may have closed an idle connection at the very moment it was used again.
      if (!(error as { reusedSocket?: boolean }).reusedSocket || request.signal?.aborted) throw error;
      return sendOnce(request, agentFor(credential), credential);
    }
  };
  return {
    send,
    dropIdle() {
      for (const sockets of Object.values(agent?.freeSockets ?? {})) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    },
    close: () => agent?.destroy(),
  };
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

/** A connection is probed (TCP keep-alive) after this many silent milliseconds; ten probes a second apart end it. */
const KEEP_ALIVE = 15_000;

/** A proxy has this many milliseconds to connect. */
const PROXY_PATIENCE = 10_000;

type CreateConnection = (
  options: tls.ConnectionOptions & { readonly host: string; readonly port: number },
  done: (error: unknown, socket?: Socket) => void,
) => undefined;

function connectThrough(agent: http.Agent, proxy: URL, isTls: boolean): void {
  const createConnection: CreateConnection = (options, done) => {
    const name = options.host.includes(":") ? `[${options.host}]` : options.host;
    tunnel(proxy, `${name}:${options.port}`, AbortSignal.timeout(PROXY_PATIENCE)).then(
      (socket) => done(null, isTls ? tls.connect({ ...options, socket }) : socket),
      done,
    );
  };
  Object.assign(agent, { createConnection });
}

function sendOnce(
  { method, url, accept, encoding, body, signal, patience, onEnd }: Request,
  agent: http.Agent,
  { headers }: Credential,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === "https:";
    const request = (isTls ? https : http).request(url, {
      method,
      agent,
      signal,
      headers: {
        accept,
        "accept-encoding": encoding,
        "user-agent": "podwall",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...(headers as http.OutgoingHttpHeaders),
      },
    });
    const timer = setTimeout(() => request.destroy(timedOut(patience)), patience);
    const connected = (): void => clearTimeout(timer);
    let code = "error";
    let bytes = 0;
    request.on("socket", (socket) => {
      // Where nothing is to be sent, only this notices that the other side is gone without a word.
      socket.setKeepAlive(true, KEEP_ALIVE);
      if (request.reusedSocket) connected();
      else socket.once(isTls ? "secureConnect" : "connect", connected);
    });
    request.on("response", (response) => {
      connected();
      code = String(response.statusCode!);
      countBytes(response, (count) => {
        bytes += count;
      });
      resolve({ status: response.statusCode!, headers: response.headers, body: unpacked(response) });
    });
    request.on("error", (error) => {
      connected();
      reject(request.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error);
    });
    request.on("close", () => onEnd(code, bytes));
    request.end(body);
  });
}

/** Counts what comes in without reading it: a listener for data would set the stream flowing. */
function countBytes(response: http.IncomingMessage, add: (count: number) => void): void {
  const push = response.push.bind(response);
  response.push = (chunk: Buffer | null, ...rest) => {
    if (chunk !== null) add(chunk.length);
    return push(chunk, ...rest);
  };
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
