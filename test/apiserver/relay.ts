import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be disturbed: it hands on bytes and looks into none of them. */
export interface Relay {
  readonly port: number;
  /** How many connections stand now. */
  connections(): number;
  /** How many were ever made. */
  accepted(): number;
  /** Ends all connections in order (FIN), as a load balancer does that is shut down. */
  cut(): void;
  /** Breaks all connections off (RST), as a host does that has forgotten them. */
  reset(): void;
  /**
   * From now on nothing is handed on, either way, on connections old and new, and none is ended: as with a firewall that
   * drops packets, or a host that has lost its power. New connections are taken, and then silent.
   */
  blackHole(): void;
  /** Connections are broken off as soon as they are made: nothing listens any more, old ones are reset. */
  refuse(): void;
  /** New connections work again. Those that were made in a black hole stay dead, as they would. */
  restore(): void;
  stop(): Promise<void>;
}

type Mode = "open" | "black-hole" | "refusing";

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** Starts a relay on the loopback address (or another one of this machine) to a port there. */
export async function startRelay(
  target: { readonly port: number; readonly host?: string },
  listen: { readonly port?: number; readonly host?: string } = {},
): Promise<Relay> {
  const pairs = new Set<Pair>();
  let mode: Mode = "open";
  let accepted = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted++;
    if (mode === "refusing") {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target.port, host: target.host ?? "127.0.0.1", noDelay: true });
    const pair: Pair = { client, upstream };
    pairs.add(pair);
    const forget = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    // One that was made in a black hole stays in it.
    if (mode === "black-hole") silence(pair);
    else {
      client.pipe(upstream);
      upstream.pipe(client);
    }
    for (const socket of [client, upstream]) {
      // What one end does to the connection happens to the other one too; in a black hole nobody hears of it.
      socket.on("error", () => {
        if (mode !== "black-hole") forget();
      });
      socket.on("close", () => {
        if (mode !== "black-hole") forget();
        else if (client.destroyed) pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(listen.port ?? 0, listen.host ?? "127.0.0.1", resolve);
  });

  const endAll = (end: (pair: Pair) => void): void => {
    for (const pair of [...pairs]) end(pair);
    pairs.clear();
  };
  const resetPair = ({ client, upstream }: Pair): void => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    connections: () => pairs.size,
    accepted: () => accepted,
    cut: () =>
      endAll(({ client, upstream }) => {
        client.end();
        upstream.destroy();
      }),
    reset: () => endAll(resetPair),
    blackHole() {
      mode = "black-hole";
      for (const pair of pairs) silence(pair);
    },
    refuse() {
      mode = "refusing";
      endAll(resetPair);
    },
    restore() {
      mode = "open";
    },
    async stop() {
      mode = "refusing";
      endAll(resetPair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes what comes, so that the kernel goes on acknowledging it, and throws it away. */
function silence({ client, upstream }: Pair): void {
  client.unpipe(upstream);
  upstream.unpipe(client);
  client.resume();
  upstream.resume();
}
