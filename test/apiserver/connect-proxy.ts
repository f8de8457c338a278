import { createServer } from "node:http";
import { connect, type Socket } from "node:net";

/** An HTTP proxy on the loopback address that only connects (RFC 9110, CONNECT). */
export interface ConnectProxy {
  readonly url: string;
  /** Where it was asked to connect to. */
  asked(): readonly string[];
  stop(): Promise<void>;
}

export async function startProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("connect", (request, client: Socket) => {
    asked.push(request.url!);
    const target = new URL(`http://${request.url}`);
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(upstream);
    upstream.on("connect", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
