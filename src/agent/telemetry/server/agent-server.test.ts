import http, { type IncomingMessage } from "node:http";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FlowLogEvent } from "../../../dataplane/flow-log/event.ts";
import { DB_POLICY } from "../../../dataplane/flow-log/flow-log.fixture.ts";
import { ADDRESSES, engineOf, flowsOf, SUPPRESSED, syn } from "../../../report/flow.fixture.ts";
import { flowJson } from "../../../report/flow-json.ts";
import { type AgentTelemetry, createTelemetry } from "../create-telemetry.ts";
import { policyStatus, STATUS, type TestView, testLogger, testView, WORDS } from "../testing/agent.ts";
import { type AgentServer, type AgentServerOptions, openAgentServer } from "./agent-server.ts";

let view: TestView;
let telemetry: AgentTelemetry;
let server: AgentServer;
let log: ReturnType<typeof testLogger>;

const open = (options: Partial<AgentServerOptions> = {}): Promise<AgentServer> =>
  openAgentServer({
    listen: "127.0.0.1:0",
    node: "n1",
    view,
    telemetry,
    logger: log.logger,
    flowDocument: flowJson,
    ...options,
  });

beforeEach(async () => {
  view = testView();
  log = testLogger();
  telemetry = createTelemetry({
    node: "n1",
    version: "1.2.3",
    view: () => view,
    logger: log.logger,
    words: WORDS,
    processMetrics: false,
  });
  server = await open();
});

afterEach(() => server.close());

interface Got {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** The answer as soon as its head is there. */
function start(path: string, method = "GET"): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: server.host, port: server.port, path, method, agent: false },
      resolve,
    );
    request.on("error", reject);
    request.end();
  });
}

async function get(path: string, method = "GET"): Promise<Got> {
  const response = await start(path, method);
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return {
    status: response.statusCode!,
    type: response.headers["content-type"],
    headers: response.headers,
    body,
  };
}

/** Reads the lines of a stream one by one. */
function linesOf(response: IncomingMessage): { next(): Promise<string | undefined> } {
  const lines = (async function* () {
    let rest = "";
    for await (const chunk of response) {
      const parts = (rest + String(chunk)).split("\n");
      rest = parts.pop()!;
      yield* parts;
    }
  })();
  return { next: async () => (await lines.next()).value as string | undefined };
}

/** The next line that is no heartbeat. */
async function nextObject(lines: { next(): Promise<string | undefined> }): Promise<unknown> {
  for (;;) {
    const line = await lines.next();
    if (line !== "") return line === undefined ? undefined : JSON.parse(line);
  }
}

/** Until it holds; a test that waits in vain ends with its time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const { web, db } = ADDRESSES;
const [denied, audited, allowed, closed] = flowsOf(
  engineOf(DB_POLICY),
  syn(web, db, 3306),
  syn(web, db, 3307, { verdict: "audited" }),
  syn(web, db, 3308, { verdict: "allowed", direction: "egress" }),
  syn(web, "10.244.0.99", 80, { verdict: "closed-at-birth" }),
) as [FlowLogEvent, FlowLogEvent, FlowLogEvent, FlowLogEvent];

describe("the server of an agent", () => {
  it("gives the metrics", async () => {
    const { status, type, body } = await get("/metrics");
    expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(body).toContain("\npodwall_ready 1\n");
  });

  it("is healthy until the process should be started anew", async () => {
    expect(await get("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    view.sick = "nothing was enforced for 10 minutes";
    expect(await get("/healthz")).toMatchObject({
      status: 503,
      body: "nothing was enforced for 10 minutes\n",
    });
  });

  it("is ready or says line by line what is wrong, what keeps it from being ready first", async () => {
    expect(await get("/readyz")).toMatchObject({ status: 200, body: "ready\n" });
    const troubles = [
      { code: "bridge", blocksReady: false, message: "bridge cni0:\n  packets pass" },
      { code: "not-synced", blocksReady: true, message: "the API server has not been read" },
    ] as const;
    view.current = { ...STATUS, ready: false, troubles };
    const lines = "- the API server has not been read\n- bridge cni0:; packets pass\n";
    expect(await get("/readyz")).toMatchObject({ status: 503, body: `not ready\n${lines}` });
    view.current = { ...STATUS, ready: true, troubles: troubles.slice(0, 1) };
    expect(await get("/readyz")).toMatchObject({
      status: 200,
      body: "ready\n- bridge cni0:; packets pass\n",
    });
    const many = Array.from({ length: 60 }, () => troubles[1]);
    view.current = { ...STATUS, ready: false, troubles: many };
    expect((await get("/readyz")).body.trimEnd().split("\n")).toHaveLength(52);
    expect((await get("/readyz")).body).toMatch(/\n- and 10 more: see \/v1\/status\n$/);
  });

  it("tells its status", async () => {
    const { type, body } = await get("/v1/status");
    expect(type).toBe("application/json");
    expect(JSON.parse(body)).toEqual({ schema: "podwall.status/v1", ...STATUS });
  });

  it("tells all policies, or one", async () => {
    view.known = [policyStatus("NetworkPolicy shop/db"), policyStatus("ClusterNetworkPolicy guard")];
    const all = { schema: "podwall.policies/v1", node: "n1", policies: view.known };
    expect(JSON.parse((await get("/v1/policies")).body)).toEqual(all);
    const one = await get("/v1/policies?policy=NetworkPolicy%20shop/db");
    expect(JSON.parse(one.body)).toEqual({ ...all, policies: view.known.slice(0, 1) });
    const none = await get("/v1/policies?policy=NetworkPolicy+shop/web");
    expect(JSON.parse(none.body)).toEqual({ ...all, policies: [] });
    expect(await get("/v1/policies?name=db")).toMatchObject({ status: 400 });
  });

  it("knows no other path and no other method", async () => {
    const missing = await get("/v1/polices");
    expect(missing.status).toBe(404);
    expect(missing.body).toContain("/v1/policies");
    expect((await get("//metrics")).status).toBe(404);
    for (const path of ["/metrics", "/v1/flows"]) {
      const answer = await get(path, "POST");
      expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("answers HEAD with the head alone", async () => {
    for (const path of ["/healthz", "/v1/status", "/v1/flows", "/none"]) {
      const { status, body } = await get(path, "HEAD");
      expect([status, body]).toEqual([path === "/none" ? 404 : 200, ""]);
    }
    expect(view.listeners).toBe(0);
  });

  it("says 500 and goes on when the agent cannot tell", async () => {
    view.status = () => {
      throw new Error("no status today");
    };
    expect((await get("/metrics")).status).toBe(500);
    expect((await get("/v1/status")).body).toBe("the agent could not answer; its log says why\n");
    expect(log.lines().map(({ level, err }) => [level, (err as Error).message])).toEqual([
      ["error", "no status today"],
      ["error", "no status today"],
    ]);
    expect((await get("/healthz")).status).toBe(200);
  });
});

describe("/v1/flows", () => {
  it("follows what the flow log tells, an object a line", async () => {
    const response = await start("/v1/flows");
    expect(response.headers["content-type"]).toBe("application/x-ndjson");
    const lines = linesOf(response);
    expect(await lines.next()).toBe("");
    view.tell(denied);
    expect(await nextObject(lines)).toEqual(JSON.parse(JSON.stringify(flowJson(denied))));
    view.tell(SUPPRESSED);
    expect(await nextObject(lines)).toEqual(flowJson(SUPPRESSED));
    expect(await telemetry.exposition()).toContain("\npodwall_flow_readers 1\n");
    response.destroy();
    await until(() => view.listeners === 0);
    expect(await telemetry.exposition()).toContain("\npodwall_flow_readers 0\n");
  });

  it.each([
    ["", ["denied", "audited", "allowed", "closed-at-birth"]],
    ["?denied", ["denied", "closed-at-birth"]],
    ["?audited=true", ["audited"]],
    ["?denied&allowed", ["denied", "allowed", "closed-at-birth"]],
  ])("with %s tells of %s, and always of what was not told", async (query, verdicts) => {
    const response = await start(`/v1/flows${query}`);
    for (const event of [denied, audited, allowed, closed, SUPPRESSED]) view.tell(event);
    const lines = linesOf(response);
    const told: unknown[] = [];
    for (;;) {
      const one = (await nextObject(lines)) as { kind: string; verdict?: string };
      if (one.kind === "suppressed") break;
      told.push(one.verdict);
    }
    expect(told).toEqual(verdicts);
    response.destroy();
  });

  it("refuses filters that it does not know", async () => {
    for (const query of ["?dropped", "?denied=no", "?constructor", "?__proto__"]) {
      expect((await get(`/v1/flows${query}`)).status).toBe(400);
    }
    expect(view.listeners).toBe(0);
  });

  it("sends empty lines while nothing happens", async () => {
    await server.close();
    server = await open({ heartbeatMillis: 1 });
    const lines = linesOf(await start("/v1/flows"));
    for (let n = 0; n < 5; n++) expect(await lines.next()).toBe("");
  });

  it("takes so many readers, and another when one has gone", async () => {
    await server.close();
    server = await open({ mostReaders: 2 });
    const readers = [await start("/v1/flows"), await start("/v1/flows")];
    const refused = await get("/v1/flows");
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "30"]);
    expect(await telemetry.exposition()).toContain("\npodwall_flow_readers_refused_total 1\n");
    readers[0]!.destroy();
    await until(() => view.listeners === 1);
    expect((await start("/v1/flows")).statusCode).toBe(200);
  });

  it("keeps nothing for a reader that does not read, and tells it later what it missed", async () => {
    const socket = net.connect(server.port, server.host);
    socket.pause();
    socket.write("GET /v1/flows HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => view.listeners === 1);
    const missed = async (): Promise<number> =>
      Number(/\npodwall_flow_reader_missed_packets_total (\d+)\n/.exec(await telemetry.exposition())![1]);
    // Sockets of both ends hold some megabytes: until nothing more goes for a while.
    let told = 0;
    for (let stuck = 0; stuck < 20; ) {
      const before = await missed();
      for (let n = 0; n < 1000; n++, told++) view.tell(denied);
      stuck = (await missed()) - before === 1000 ? stuck + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    for (let n = 0; n < 100_000; n++, told++) view.tell(denied);
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const lost = await missed();
    expect(lost).toBeGreaterThanOrEqual(100_000);
    // Kept they would be some 60 MB.
    expect(after - before).toBeLessThan(20_000_000);

    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    socket.resume();
    const objects = (): { kind: string; count: number }[] =>
      text
        .split("\n")
        .flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line)] : []));
    const suppressed = (): number =>
      objects().reduce((sum, { kind, count }) => sum + (kind === "suppressed" ? count : 0), 0);
    await until(() => suppressed() === lost);
    expect(objects().filter(({ kind }) => kind === "flow")).toHaveLength(told - lost);
    expect(text).not.toContain('"cause":"limits"');
    socket.destroy();
  });

  it("gives up a reader that takes nothing for long", async () => {
    await server.close();
    server = await open({ heartbeatMillis: 5 });
    const socket = net.connect(server.port, server.host);
    socket.pause();
    socket.on("error", () => undefined);
    socket.write("GET /v1/flows HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => view.listeners === 1);
    while (view.listeners === 1) {
      for (let n = 0; n < 1000; n++) view.tell(denied);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    socket.destroy();
  });

  it("ends with the server", async () => {
    const lines = linesOf(await start("/v1/flows"));
    expect(await lines.next()).toBe("");
    await server.close();
    expect(await lines.next()).toBeUndefined();
    expect(view.listeners).toBe(0);
    await expect(get("/healthz")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("listening", () => {
  it("says which option to change when the port is taken", async () => {
    await expect(open({ listen: `127.0.0.1:${server.port}` })).rejects.toThrow(
      new RegExp(
        `^cannot listen on 127.0.0.1:${server.port}: port ${server.port} is used by another.*--listen`,
      ),
    );
  });

  it("says so when the address is not this machine's", async () => {
    await expect(open({ listen: "192.0.2.77:0" })).rejects.toThrow(/no such address.*--listen ADDRESS:PORT$/);
  });
});
