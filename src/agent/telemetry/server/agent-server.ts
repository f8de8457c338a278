import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FlowLogEvent } from "../../../dataplane/flow-log/event.ts";
import type { AgentTelemetry } from "../create-telemetry.ts";
import type { AgentLogger } from "../logger.ts";
import type { AgentView } from "../telemetry.ts";
import { ANSWERS, type Answer, text } from "./answers.ts";
import { flowFilter } from "./flow-filter.ts";
import { createFlowReaders, type FlowReaders } from "./flow-readers.ts";
import { type ListenAddress, listenError, parseListenAddress } from "./listen-address.ts";

export interface AgentServerOptions {
  /** `0.0.0.0:9643`; port 0 takes a free one. */
  readonly listen: string;
  readonly node: string;
  readonly view: AgentView;
  readonly telemetry: Pick<
    AgentTelemetry,
    "exposition" | "contentType" | "readers" | "readerRefused" | "readerMissed"
  >;
  readonly logger: AgentLogger;
  /** An event after `schemas/podwall.flow.v1.schema.json`. */
  readonly flowDocument: (event: FlowLogEvent) => object;
  /** Of `/v1/flows` at a time; by default 16. */
  readonly mostReaders?: number;
  /** Between the empty lines that keep a stream open, in milliseconds; by default 15,000. */
  readonly heartbeatMillis?: number;
}

/** The HTTP server of an agent: `/metrics`, `/healthz`, `/readyz`, `/v1/status`, `/v1/policies`, `/v1/flows`. */
export interface AgentServer {
  readonly host: string;
  readonly port: number;
  /** Ends the streams and takes no more requests; resolves when every connection is closed. */
  close(): Promise<void>;
}

/** Nobody who asks an agent needs more; each costs memory. */
const MOST_CONNECTIONS = 128;
const HEADER_MILLIS = 10_000;
const IDLE_MILLIS = 30_000;
/** How long a reader has to take what was written before the end. */
const CLOSE_MILLIS = 1000;

/** Listens. Rejects with a ListenError, in words for people, if that cannot be done. */
export async function openAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const place = parseListenAddress(options.listen);
  const readers = createFlowReaders({
    view: options.view,
    telemetry: options.telemetry,
    flowDocument: options.flowDocument,
    mostReaders: options.mostReaders ?? 16,
    heartbeatMillis: options.heartbeatMillis ?? 15_000,
  });
  const server = createServer(
    {
      headersTimeout: HEADER_MILLIS,
      requestTimeout: HEADER_MILLIS,
      keepAliveTimeout: IDLE_MILLIS,
      maxHeaderSize: 8192,
    },
    (request, response) => {
      handle(options, readers, request, response).catch((error: unknown) => {
        options.logger.error({ err: error, url: request.url }, "a request could not be answered");
        if (response.headersSent) response.destroy();
        else send(request, response, text(500, "the agent could not answer; its log says why"));
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, place).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, options.listen, place.port);
  });
  server.on("error", (error) => options.logger.error({ err: error }, "the HTTP server has a problem"));
  const address = server.address() as AddressInfo;
  return { host: address.address, port: address.port, close: () => closed(server, readers) };
}

function listening(server: Server, place: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server, readers: FlowReaders): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MILLIS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    readers.close();
    server.closeIdleConnections();
  });
}

async function handle(
  options: AgentServerOptions,
  readers: FlowReaders,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = "" } = request;
  // Not `new URL(url, ...)`: a request may ask for `//x`, which would be a host.
  const [path = "", search = ""] = url.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const answer = path === FLOWS ? undefined : ANSWERS.get(path);
  if (path !== FLOWS && answer === undefined) {
    send(request, response, text(404, `no ${path} here; there are: ${[...ANSWERS.keys(), FLOWS].join(" ")}`));
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    // What comes along is not read.
    response.setHeader("connection", "close");
    send(request, response, text(405, `${path} is only for reading: GET`));
    return;
  }
  if (answer !== undefined) send(request, response, await answer(options, query));
  else follow(options, readers, query, request, response);
}

const FLOWS = "/v1/flows";

function follow(
  { telemetry }: AgentServerOptions,
  readers: FlowReaders,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const wants = flowFilter(query);
  if (typeof wants === "string") {
    send(request, response, text(400, wants));
    return;
  }
  if (request.method !== "HEAD" && readers.isFull) {
    telemetry.readerRefused();
    response.setHeader("retry-after", "30");
    send(request, response, text(503, "too many read the flows of this node already; try again later"));
    return;
  }
  response.writeHead(200, {
    "content-type": "application/x-ndjson",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    // A stream ends with its connection.
    connection: "close",
  });
  if (request.method === "HEAD") response.end();
  else readers.add(response, wants);
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
