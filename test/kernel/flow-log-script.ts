// Runs inside the sandbox: packets that rules of our form deny and log, and what the flow log makes of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DEFAULT_ENFORCEMENT } from "../../src/dataplane/config.ts";
import { deniedPackets } from "../../src/dataplane/flow-log/denied-packets.ts";
import type { FlowLogEvent } from "../../src/dataplane/flow-log/event.ts";
import { createFlowLog } from "../../src/dataplane/flow-log/flow-log.ts";
import { logPrefix } from "../../src/dataplane/flow-log/logged-packet.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { echoRequest } from "../../src/lab/icmp.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { openNflog } from "../../src/linux/netfilter/nflog.ts";
import { openRuleCounters } from "../../src/linux/netfilter/rule-counters.ts";
import { inNamespace } from "../../src/linux/netns.ts";
import { openNftables } from "../../src/linux/nftables.ts";
import { createReactor } from "../../src/linux/reactor.ts";
import { addressOf, socketAddress } from "../../src/linux/sockaddr.ts";
import * as sys from "../../src/linux/syscalls.ts";
import { boundSocket, createLoopback, sendOne } from "../../src/linux/testing/loopback.ts";
import { flowText } from "../../src/report/flow-text.ts";
import { plainStyle } from "../../src/report/style.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";

/** What the script writes, as JSON. */
export interface FlowLogRun {
  /** Lines without their time. */
  readonly lines: readonly string[];
  readonly floods: readonly FloodRun[];
}

export interface FloodRun {
  readonly sent: number;
  /** Packets that the kernel's counters saw, as the flow log reads them, and as nft lists them. */
  readonly denied: number;
  readonly listed: number;
  /** Packets that NFLOG gave us. */
  readonly received: number;
  readonly flowEvents: number;
  readonly suppressedEvents: number;
  /** Packets that both kinds of events tell of. */
  readonly told: number;
  /** Growth of the heap, in bytes, after a garbage collection. */
  readonly grown: number;
  /** Of this process, which receives and tells: milliseconds of CPU, and of time from the first packet on. */
  readonly cpuMillis: number;
  readonly millis: number;
}

const FLOOD = 100_000;

const pod = (name: string, addresses: string, labels: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {${labels}}}
spec: {nodeName: one, containers: [{name: main}]}
status: {podIPs: [${addresses
  .split(" ")
  .map((ip) => `{ip: "${ip}"}`)
  .join(", ")}]}
`;
const MANIFESTS = [
  pod("db-0", "10.244.0.1 fd00::1", "app: db"),
  pod("frontend-0", "10.244.0.2 fd00::2", "server: web"),
  `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-policy, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {server: api}}}], ports: [{port: 3306}]}]
`,
].join("---");

const rules = (limit: string): string => `
add table inet podwall
delete table inet podwall
add table inet podwall
add chain inet podwall deny_ingress
add rule inet podwall deny_ingress meta l4proto tcp counter reject with tcp reset
add rule inet podwall deny_ingress counter drop
add chain inet podwall in4_shop_db
add rule inet podwall in4_shop_db ${limit} log prefix "${logPrefix({ verdict: "denied", direction: "ingress" })}" group ${DEFAULT_ENFORCEMENT.logGroup} snaplen 256
add rule inet podwall in4_shop_db goto deny_ingress
add chain inet podwall output { type filter hook output priority filter; policy accept; }
add rule inet podwall output ip daddr 10.244.0.1 goto in4_shop_db
add rule inet podwall output ip6 daddr fd00::1 goto in4_shop_db
`;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

await runInSandbox(async () => {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: MANIFESTS }], {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  const engine = createEngine(cluster);
  const namespace = createLoopback("node", ["10.244.0.1", "10.244.0.2", "203.0.113.9", "fd00::1", "fd00::2"]);
  const reactor = createReactor();
  const nft = openNftables(namespace);
  const load = async (limit: string): Promise<void> => {
    const loaded = await nft.run(rules(limit));
    if (!loaded.ok) throw new Error(loaded.errors);
  };
  const counters = openRuleCounters(namespace);
  const denied = async (): Promise<number> => deniedPackets(counters);
  const listed = async (): Promise<number> => {
    const table = await nft.listJson("list table inet podwall");
    return [...table.matchAll(/"packets": ?([0-9]+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  /** Logs while `send` sends. */
  const logWhile = async (
    send: () => Promise<void>,
  ): Promise<{ events: FlowLogEvent[]; received: number }> => {
    const events: FlowLogEvent[] = [];
    let received = 0;
    const log = createFlowLog({
      engine: () => engine,
      node: "one",
      onEvent: (event) => events.push(event),
      onError: (error) => {
        throw error;
      },
      deniedPackets: denied,
    });
    await log.ready;
    const nflog = openNflog(
      reactor,
      DEFAULT_ENFORCEMENT.logGroup,
      (packet) => {
        received++;
        log.take(packet);
      },
      namespace,
    );
    await send();
    // The kernel hands over a batch after a tenth of a second at the latest.
    for (let before = -1; before !== received; ) {
      before = received;
      await sleep(400);
    }
    nflog.close();
    await log.close();
    return { events, received };
  };

  await load("limit rate 10/second burst 5 packets");
  const open: number[] = [];
  const small = await logWhile(async () => {
    const connect = (from: string, to: string, port: number): void => {
      const socket = boundSocket(namespace, sys.SOCK_STREAM, 0, addressOf(from), 0);
      sys.connect(socket, socketAddress(addressOf(to), port));
      open.push(socket);
    };
    connect("10.244.0.2", "10.244.0.1", 3306);
    connect("203.0.113.9", "10.244.0.1", 3306);
    connect("fd00::2", "fd00::1", 80);
    sendOne(namespace, sys.IPPROTO_ICMP, ["10.244.0.2", 0], ["10.244.0.1", 0], echoRequest(4, 1, 1));
    sendOne(namespace, sys.IPPROTO_ICMPV6, ["fd00::2", 0], ["fd00::1", 0], echoRequest(6, 1, 1));
  });
  for (const fd of open) sys.close(fd);
  const lines = small.events
    .filter((event) => event.kind === "flow" && event.repeated === 0)
    .map((event) => flowText(event, plainStyle).replace(/^\S+ /, ""));

  const flood = async (limit: string, ports: number): Promise<FloodRun> => {
    await load(limit);
    collectGarbage();
    const heap = process.memoryUsage().heapUsed;
    const cpu = process.cpuUsage();
    const started = performance.now();
    const { events, received } = await logWhile(async () => {
      const script = fileURLToPath(new URL("./flow-log-flood.ts", import.meta.url));
      const argv = [...process.execArgv, script, "10.244.0.2", "10.244.0.1", String(FLOOD), String(ports)];
      const child = inNamespace(namespace, () =>
        spawn(process.execPath, argv, { stdio: ["ignore", "inherit", "inherit"] }),
      );
      const [code] = await once(child, "exit");
      if (code !== 0) throw new Error(`the sender ended with ${code}`);
    });
    const { user, system } = process.cpuUsage(cpu);
    const millis = performance.now() - started;
    const flows = events.filter((event) => event.kind === "flow");
    const suppressed = events.filter((event) => event.kind === "suppressed");
    const run = {
      sent: FLOOD,
      denied: await denied(),
      listed: await listed(),
      received,
      flowEvents: flows.length,
      suppressedEvents: suppressed.length,
      told:
        flows.reduce((sum, { repeated }) => sum + 1 + repeated, 0) +
        suppressed.reduce((sum, { count }) => sum + count, 0),
      cpuMillis: Math.round((user + system) / 1000),
      millis: Math.round(millis),
    };
    events.length = 0;
    collectGarbage();
    return { ...run, grown: process.memoryUsage().heapUsed - heap };
  };
  const floods = [
    await flood("limit rate 10/second burst 5 packets", 1),
    await flood("limit rate 10/second burst 5 packets", 60_000),
    await flood("", 1),
    await flood("", 60_000),
  ];
  counters.close();
  const run: FlowLogRun = { lines, floods };
  process.stdout.write(JSON.stringify(run));
  nft.close();
  return 0;
});
