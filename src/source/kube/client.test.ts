import { getEventListeners } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { type ClientOptions, createKubeClient, type KubeClient } from "./client.ts";
import type { RequestReport } from "./request-info.ts";

// What is not Kubernetes' own: login pages, proxies, overload. The API itself is tested in test/apiserver.
let server: Server | undefined;
let client: KubeClient | undefined;

afterEach(async () => {
  client?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

async function clientOf(listener: RequestListener, options: ClientOptions = {}): Promise<KubeClient> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  client = createKubeClient(
    {
      name: "prod",
      file: "config",
      server: `http://127.0.0.1:${port}`,
      tls: { insecure: false },
      user: { name: "me" },
    },
    options,
  );
  return client;
}

describe("get", () => {
  it("unpacks what is packed", async () => {
    const { get } = await clientOf((_, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync('{"a":"é"}'));
    });
    expect(await get("/")).toEqual({ a: "é" });
  });

  it("sends the query without what is undefined", async () => {
    let url: string | undefined;
    const { get } = await clientOf((request, response) => {
      url = request.url;
      response.end("{}");
    });
    await get("/api/v1/pods", { limit: 5, continue: undefined, labelSelector: "a=b&c" });
    expect(url).toBe("/api/v1/pods?limit=5&labelSelector=a%3Db%26c");
  });

  it("does not ask again where the proxy to a pod does not get through", async () => {
    let requests = 0;
    const { get } = await clientOf((_, response) => {
      requests++;
      response.writeHead(503).end("error trying to reach service: no route to host");
    });
    const path = "/api/v1/namespaces/proxy/pods/http:a:1/proxy/v1/status";
    await expect(get(path)).rejects.toThrow("answers with 503: error trying to reach service");
    expect(requests).toBe(1);
  });

  it("asks again where the server is too busy", async () => {
    let requests = 0;
    const { get } = await clientOf((_, response) => {
      requests++;
      if (requests < 3) response.writeHead(429, { "retry-after": "0" }).end();
      else response.end('{"ok":true}');
    });
    expect(await get("/")).toEqual({ ok: true });
    expect(requests).toBe(3);
  });

  it("gives up where it stays busy", async () => {
    let requests = 0;
    const { get } = await clientOf((_, response) => {
      requests++;
      response.writeHead(503, { "retry-after": "0" }).end("<html>busy</html>");
    });
    await expect(get("/readyz")).rejects.toMatchObject({
      code: "server",
      message: expect.stringMatching(/\/readyz answers with 503: \(no words\)\.$/) as string,
    });
    expect(requests).toBe(5);
  });

  it.each([
    ["a page", (r) => r.setHeader("content-type", "text/html").end("<html>"), "(text/html)"],
    [
      "a redirection",
      (r) => r.writeHead(302, { location: "https://login.example/" }).end(),
      "sends on to https://login.example/",
    ],
    [
      "half an answer",
      (r) => r.writeHead(200, { "content-length": "9" }).write("{", () => r.destroy()),
      "closed",
    ],
  ] as [string, (response: Parameters<RequestListener>[1]) => unknown, string][])(
    "says that it got %s",
    async (_, answer, words) => {
      const { get } = await clientOf((_, response) => void answer(response));
      await expect(get("/api")).rejects.toThrow(words);
      await expect(get("/api")).rejects.toMatchObject({ name: "KubeError" });
    },
  );

  it("uses a connection again, and a new one when that was closed", async () => {
    const ports = new Set<number | undefined>();
    const { get } = await clientOf((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("{}");
    });
    for (let n = 0; n < 3; n++) await get("/");
    expect(ports.size).toBe(1);
    server!.closeAllConnections();
    await get("/");
    expect(ports.size).toBe(2);
  });

  it("does not wait for ever", async () => {
    const { get } = await clientOf((_, response) => response.write("{"), { request: 50 });
    await expect(get("/api")).rejects.toThrow("/api took longer than 0.05 s.");
  });
});

describe("open", () => {
  it("does not wait for ever for an answer, and uses no idle connection then that may be as dead", async () => {
    let isDead = false;
    const ports: (number | undefined)[] = [];
    const { get, open } = await clientOf(
      (request, response) => {
        ports.push(request.socket.remotePort);
        if (!isDead) response.end("{}");
      },
      { answer: 100 },
    );
    await Promise.all([get("/a"), get("/b")]);
    isDead = true;
    await expect(open("/api/v1/pods", { watch: true })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("/api/v1/pods took longer than 0.1 s.") as string,
    });
    isDead = false;
    await get("/c");
    expect(ports.slice(0, 3)).not.toContain(ports[3]);
  });

  it("asks once only, and tells how long the server wants to be left alone", async () => {
    let requests = 0;
    const { open } = await clientOf((_, response) => {
      requests++;
      response.writeHead(429, { "retry-after": "7" }).end();
    });
    await expect(open("/api/v1/pods", { watch: true })).rejects.toMatchObject({
      status: 429,
      retryAfter: 7000,
    });
    expect(requests).toBe(1);
  });

  it("leaves nothing behind on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const { get, open } = await clientOf((_, response) => response.end("{}"));
    for (let n = 0; n < 20; n++) {
      await get("/", {}, signal);
      for await (const chunk of await open("/", {}, signal)) expect(chunk.toString()).toBe("{}");
    }
    await expect.poll(() => getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("post", () => {
  it("sends JSON and gives the answer", async () => {
    const { post } = await clientOf((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      request.on("end", () => {
        const { method, url, headers } = request;
        response.writeHead(201).end(JSON.stringify({ method, url, type: headers["content-type"], text }));
      });
    });
    expect(await post("/api/v1/namespaces/shop/events", { note: "é" })).toEqual({
      method: "POST",
      url: "/api/v1/namespaces/shop/events",
      type: "application/json",
      text: '{"note":"é"}',
    });
  });

  it("says what the server refuses", async () => {
    const { post } = await clientOf((_, response) => {
      response.writeHead(409).end('{"kind":"Status","message":"events \\"a\\" already exists"}');
    });
    await expect(post("/api/v1/namespaces/shop/events", {})).rejects.toMatchObject({
      code: "conflict",
      message: 'events "a" already exists',
    });
  });
});

describe("the observer of requests", () => {
  it("is told of each when it has ended, with the bytes that came over the wire", async () => {
    const packed = gzipSync('{"items":[]}');
    const reports: RequestReport[] = [];
    let tries = 0;
    const { get, open } = await clientOf(
      (request, response) => {
        if (request.url!.includes("watch")) {
          response.write('{"type":');
          response.end('"é"}\n');
        } else if (request.url!.startsWith("/busy")) {
          response.writeHead(tries++ === 0 ? 429 : 200, { "retry-after": "0" }).end("{}");
        } else if (request.url!.startsWith("/broken")) request.socket.destroy();
        else response.setHeader("content-encoding", "gzip").end(packed);
      },
      { onRequest: (report) => reports.push(report) },
    );
    await get("/api/v1/pods", { limit: 5 });
    const lines: Buffer[] = [];
    for await (const chunk of await open("/api/v1/nodes", { watch: true })) lines.push(chunk);
    expect(Buffer.concat(lines).toString()).toBe('{"type":"é"}\n');
    await get("/busy");
    await expect(get("/broken")).rejects.toThrow("closed the connection");
    await expect.poll(() => reports.length).toBeGreaterThanOrEqual(5);
    expect(reports.slice(0, 5)).toEqual([
      { verb: "list", resource: "pods", path: "/api/v1/pods", code: "200", bytes: packed.length },
      { verb: "watch", resource: "nodes", path: "/api/v1/nodes", code: "200", bytes: 14 },
      { verb: "get", path: "/busy", code: "429", bytes: 2 },
      { verb: "get", path: "/busy", code: "200", bytes: 2 },
      { verb: "get", path: "/broken", code: "error", bytes: 0 },
    ]);
  });
});
