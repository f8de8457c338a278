import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Relay, startRelay } from "./relay.ts";

let server: Server | undefined;
let relay: Relay | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await relay?.stop();
  await new Promise((resolve) => server?.close(resolve));
});

/** A relay to a server that sends back what it gets. */
async function echo(): Promise<Relay> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  relay = await startRelay({ port: (server.address() as { port: number }).port });
  return relay;
}

interface Client {
  readonly socket: Socket;
  /** What came, and how it ended. */
  readonly seen: string[];
}

async function client({ port }: Relay): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const seen: string[] = [];
  socket.on("data", (data) => seen.push(data.toString()));
  socket.on("end", () => seen.push("end"));
  socket.on("error", (error: NodeJS.ErrnoException) => seen.push(error.code!));
  await new Promise<unknown>((resolve) => socket.once("connect", resolve).once("error", resolve));
  return { socket, seen };
}

it("hands on, cuts and resets", async () => {
  const way = await echo();
  const one = await client(way);
  one.socket.write("hello");
  await expect.poll(() => one.seen).toEqual(["hello"]);
  way.cut();
  await expect.poll(() => one.seen).toEqual(["hello", "end"]);
  const two = await client(way);
  two.socket.write("hello");
  await expect.poll(() => two.seen).toEqual(["hello"]);
  way.reset();
  await expect.poll(() => two.seen).toEqual(["hello", "ECONNRESET"]);
  expect(way.connections()).toBe(0);
});

it("is a black hole: silent, also to what comes later, until it is restored", async () => {
  const way = await echo();
  const old = await client(way);
  old.socket.write("before");
  await expect.poll(() => old.seen).toEqual(["before"]);
  way.blackHole();
  old.socket.write("lost");
  const late = await client(way);
  late.socket.write("lost too");
  way.restore();
  const fresh = await client(way);
  fresh.socket.write("after");
  await expect.poll(() => fresh.seen).toEqual(["after"]);
  expect(old.seen).toEqual(["before"]);
  expect(late.seen).toEqual([]);
  expect(way.accepted()).toBe(3);
});

it("refuses", async () => {
  const way = await echo();
  way.refuse();
  const { seen } = await client(way);
  await expect.poll(() => seen).toEqual(["ECONNRESET"]);
});
