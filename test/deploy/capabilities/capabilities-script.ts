// Runs inside the sandbox: RIGHTS as JSON. The data plane in a process with these rights, in a node's namespace, while a
// pod of the node sends to another.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createEngine } from "../../../src/engine/engine.ts";
import { createNetwork } from "../../../src/lab/network.ts";
import { topologyOf } from "../../../src/lab/plan.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { inNamespace } from "../../../src/linux/netns.ts";
import { startFlood } from "../../kernel/no-open-moment/flood.ts";
import { writeResult } from "../../kernel/write-result.ts";
import { clusterOf } from "./cluster.ts";
import type { DataplaneMessage } from "./dataplane-process.ts";
import type { Rights } from "./rights.ts";

/** What the script writes, as JSON. */
export interface CapabilitiesRun {
  readonly messages: readonly DataplaneMessage[];
  /** Tables of the node when the process has ended. */
  readonly tables: string;
}

const { setpriv } = JSON.parse(process.argv[2]!) as Rights;
const PACKETS = 200;

await runInSandbox(async () => {
  const network = await createNetwork(topologyOf(createEngine(clusterOf("open")), []));
  const inNode = async (...argv: string[]): Promise<string> => (await network.runInNode("one", argv)).stdout;
  // Two ports on a bridge, of which it should be said that packets pass by the rules.
  await inNode("ip", "link", "add", "br0", "type", "bridge");
  await inNode("ip", "link", "add", "port0", "type", "veth", "peer", "name", "port1");
  for (const port of ["port0", "port1"]) await inNode("ip", "link", "set", port, "master", "br0");

  await inNode("sh", "-c", "echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables");

  const script = fileURLToPath(new URL("./dataplane-process.ts", import.meta.url));
  const child = inNamespace(network.namespaceOf("node:one"), () =>
    spawn("setpriv", [...setpriv, process.execPath, ...process.execArgv, script], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Of a user who has no home.
      env: { ...process.env, HOME: "/tmp" },
    }),
  );
  const messages: DataplaneMessage[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  const over = once(child, "exit").then(() => {
    isOver = true;
    wake();
  });
  child.on("message", (message: DataplaneMessage) => {
    messages.push(message);
    wake();
  });
  /** Until a message has come, or none will. */
  const told = async (kind: DataplaneMessage["kind"]): Promise<void> => {
    while (!isOver && !messages.some((message) => message.kind === kind)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const flood = await startFlood(network, "shop/a", "shop/b", 1);
  await told("started");
  if (!isOver) {
    await flood.reaches(flood.sent + PACKETS);
    child.send("close");
    await told("closed");
    await told("cut");
    await told("flow");
    await inNode("nft", "delete", "table", "inet", "podwall");
    await told("repair");
    if (!isOver) child.send("stop");
  }
  await over;
  await flood.stop();
  await writeResult({ messages, tables: await inNode("nft", "list", "tables") } satisfies CapabilitiesRun);
  await network.close();
  return 0;
});
