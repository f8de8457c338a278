// Runs inside the sandbox: `podwall status` and `podwall flows` against agents behind a real API server. Writes, as JSON,
// what each command printed.
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { PolicyStatus, PolicyVersion } from "../../src/agent/agent-status.ts";
import type { FlowEvent } from "../../src/dataplane/flow-log/event.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { parseAddress } from "../../src/net/address.ts";
import { PODWALL, type RunResult } from "../cli/run-podwall.ts";
import { networkPolicy } from "./cluster-objects.ts";
import { idleAgent, wellStatus } from "./idle-agent.ts";
import { type LaptopCluster, silentServer, startLaptopCluster } from "./laptop-cluster.ts";
import { createObjects } from "./objects.ts";

/** What each command printed, by a name that the test knows. */
export type LaptopRuns = Readonly<Record<string, RunResult>>;

const DB = "NetworkPolicy shop/db";
const PATH = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies";

await runInSandbox(async () => {
  const cluster = await startLaptopCluster();
  const runs: Record<string, RunResult> = {};
  await policies(cluster, runs);
  await nodes(cluster, runs);
  await flows(cluster, runs);
  await cluster.stop();
  process.stdout.write(JSON.stringify(runs));
  return 0;
});

/** The nodes `one`, where the policy selects two pods, and `two`, where it selects none. */
async function policies(
  { as, agents, server }: LaptopCluster,
  runs: Record<string, RunResult>,
): Promise<void> {
  const { one, two } = agents;
  const spec = { podSelector: { matchLabels: { app: "db" } } };
  const create = async (): Promise<PolicyVersion> => {
    await createObjects(server.requests, [networkPolicy("shop", "db", spec)]);
    return versionOf(await server.requests.must("GET", `${PATH}/db`));
  };
  const change = async (body: object): Promise<PolicyVersion> =>
    versionOf(await server.requests.must("PATCH", `${PATH}/db`, body));
  const enforce = (version: PolicyVersion): void => {
    one.policies = [entry(2, version)];
    two.policies = [entry(0, version)];
  };
  /** Starts a command, and does something once it has looked at node one for the second time from now. */
  const meanwhile = async (args: readonly string[], then: () => void | Promise<void>): Promise<RunResult> => {
    const before = one.asked;
    const run = as("viewer", ...args);
    await until(() => one.asked >= before + 2);
    await then();
    return run;
  };
  const wait = ["status", "netpol/db", "--wait"];

  const first = await create();
  enforce(first);
  runs.enforced = await as("viewer", "status", "netpol/db");
  runs.enforcedJson = await as("viewer", "status", "networkpolicies.networking.k8s.io", "db", "-o", "json");
  runs.nodesNotListed = await as("no-nodes", "status", "netpol/db");

  const second = await change({ spec: { ingress: [{}] } });
  runs.behind = await as("viewer", "status", "netpol/db");
  runs.waitedInVain = await as("viewer", ...wait, "--timeout", "1s");
  // Node one alone is not enough: nobody knows whether node two has pods for the new version.
  runs.waited = await meanwhile(wait, async () => {
    one.policies = [entry(2, second)];
    const before = two.asked;
    await until(() => two.asked >= before + 2);
    enforce(second);
  });
  one.policies = [{ ...entry(2, second), troubles: ["port 99999 is no port"] }];
  runs.troubled = await as("viewer", "status", "netpol/db");
  enforce(second);

  // The spec, and with it the generation, stays the same; what is enforced does not.
  const audited = await change({ metadata: { annotations: { "podwall.io/mode": "audit" } } });
  runs.annotated = await as("viewer", "status", "netpol/db");
  enforce(audited);
  two.status = wellStatus("two", {
    ready: false,
    phase: "restored",
    troubles: [{ code: "source", blocksReady: true, message: "the API server is silent" }],
  });
  runs.notReady = await as("viewer", "status", "netpol/db");
  runs.unreadyIgnored = await as("viewer", "status", "netpol/db", "--ignore-unready");
  two.status = wellStatus("two");

  let anew: PolicyVersion | undefined;
  await change({ metadata: { annotations: { "podwall.io/mode": "enforce" } } });
  runs.madeAnew = await meanwhile(wait, async () => {
    await server.requests.must("DELETE", `${PATH}/db`);
    anew = await create();
    enforce(anew);
  });
  await change({ spec: { ingress: [{}] } });
  runs.deletedMeanwhile = await meanwhile(wait, async () => {
    await server.requests.must("DELETE", `${PATH}/db`);
  });
  runs.absent = await as("viewer", "status", "netpol/db", "--wait");
  runs.stillEnforced = await as("viewer", "status", "netpol/db", "--deleted");
  one.policies = [];
  two.policies = [];
  runs.gone = await as("viewer", "status", "netpol/db", "--deleted");
  enforce(await create());
  runs.deletedAndWaited = await meanwhile([...wait, "--deleted"], async () => {
    one.policies = [];
    two.policies = [];
    await server.requests.must("DELETE", `${PATH}/db`);
  });
  runs.notInstalled = await as("admin", "status", "banp/default");
  runs.mayNotGet = await as("one-namespace", "status", "netpol/db");
}

async function nodes(cluster: LaptopCluster, runs: Record<string, RunResult>): Promise<void> {
  const { as, addNode, addAgentPod, agents, kubeconfig } = cluster;
  // Started with the name of another node.
  const misled = await idleAgent("10.9.0.8", "one");
  runs.well = await as("viewer", "status");
  runs.wellNodesNotListed = await as("no-nodes", "status");
  runs.mayNotProxy = await as("no-proxy", "status");
  runs.mayNotList = await as("nobody", "status");
  runs.mayNotListThere = await as("nobody", "status", "--agent-namespace", "shop");
  runs.oneNamespace = await as("one-namespace", "status", "--agent-namespace", "podwall-system");
  runs.defaultNamespace = await as("one-namespace", "status");
  runs.otherNamespace = await as("admin", "status", "--agent-namespace", "shop");

  const watching = follow(["status", "--watch", "--kubeconfig", kubeconfig, "--context", "viewer"]);
  await until(() => watching.stdout().includes("2 nodes: 2 ready"));
  agents.two.status = wellStatus("two", { ready: false });
  await until(() => watching.stdout().includes("2 nodes: 1 ready, 1 not ready"));
  watching.child.kill("SIGINT");
  runs.watched = await watching.ended;

  const silent = await silentServer("10.9.0.5");
  await addNode("three");
  await addNode("four");
  await addAgentPod("four", "10.9.0.4", 9643);
  await addNode("five");
  await addAgentPod("five", "10.9.0.5", silent.port);
  await addNode("six");
  await addAgentPod("six", "10.9.0.6", 9643, { portName: "metrics" });
  await addNode("seven");
  await addAgentPod("seven", "10.9.0.7", 9643, {
    ready: false,
    status: {
      phase: "Pending",
      containerStatuses: [
        {
          name: "agent",
          image: "x",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } },
        },
      ],
    },
  });
  await addNode("eight");
  await addAgentPod("eight", "10.9.0.8", misled.port);
  agents.two.status = wellStatus("two", {
    ready: false,
    enforcement: { seenGeneration: 9, programmedGeneration: 7, lagMillis: 4200, closedPods: [] },
    troubles: [{ code: "behind", blocksReady: true, message: "nft takes no changes" }],
  });
  runs.everything = await as("viewer", "status");
  runs.everythingJson = await as("viewer", "status", "-o", "json");
  silent.close();
  await misled.close();
}

async function flows(cluster: LaptopCluster, runs: Record<string, RunResult>): Promise<void> {
  const { as, agents, addAgentPod, kubeconfig } = cluster;
  const { one, two } = agents;
  const options = ["--kubeconfig", kubeconfig, "--context", "viewer"];
  runs.flowsRefused = await as("no-proxy", "flows", "--node", "one");

  const following = follow(["flows", ...options]);
  await until(() => one.followers === 1 && two.followers === 1);
  one.tell(flow("one", "shop/web-0", "shop/db-0"));
  await until(() => following.stdout().includes("shop/db-0"));
  two.tell(flow("two", "shop/web-1", "shop/db-1"));
  two.tell({
    kind: "suppressed",
    time: "2026-11-26T09:00:01.000Z",
    node: "two",
    count: 12,
    seconds: 1,
    cause: "limits",
  });
  await until(() => following.stdout().includes("12 packets"));
  // A node gets its agent, and another one is started anew: both are heard soon.
  const three = await idleAgent("10.9.0.3", "three");
  await addAgentPod("three", "10.9.0.3", three.port);
  await one.restart();
  await until(() => one.followers === 1 && three.followers === 1);
  three.tell(flow("three", "shop/web-2", "shop/db-2"));
  await until(() => following.stdout().includes("db-2"));
  one.tell(flow("one", "shop/web-3", "shop/db-3"));
  await until(() => following.stdout().includes("db-3"));
  following.child.kill("SIGINT");
  runs.flows = await following.ended;

  const chosen = follow([
    ...[
      "flows",
      ...options,
      "-o",
      "json",
      "--node",
      "two",
      "-n",
      "shop",
      "--pod",
      "db",
      "--policy",
      "netpol/db",
    ],
  ]);
  await until(() => two.followers === 1);
  two.tell(flow("two", "batch/db", "batch/job"));
  two.tell(flow("two", "shop/web-1", "shop/other"));
  two.tell(flow("two", "shop/web-1", "shop/db-0", { policies: ["NetworkPolicy shop/other"] }));
  two.tell(flow("two", "shop/web-1", "shop/db-1"));
  await until(() => chosen.stdout() !== "");
  chosen.child.kill("SIGTERM");
  runs.chosenFlows = await chosen.ended;

  for (const option of ["--audited", "--all"]) {
    const some = follow(["flows", ...options, option, "--node", "one"]);
    await until(() => one.followers === 1);
    one.tell(flow("one", "shop/denied", "shop/db-0"));
    one.tell(flow("one", "shop/passed", "shop/db-0", { verdict: "allowed" }));
    one.tell(flow("one", "shop/tried", "shop/db-0", { verdict: "audited" }));
    await until(() => some.stdout().includes("shop/tried"));
    some.child.kill("SIGINT");
    runs[`flows ${option}`] = await some.ended;
    await until(() => one.followers === 0);
  }

  const headed = follow(
    ["-c", `"$0" "$1" flows ${options.join(" ")} --node one | head -n 1`, process.execPath, PODWALL],
    "sh",
  );
  await until(() => one.followers === 1);
  const talk = setInterval(() => one.tell(flow("one", "shop/web-0", "shop/db-0")), 50);
  runs.headed = await headed.ended;
  clearInterval(talk);
  await three.close();
}

interface Following {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly ended: Promise<RunResult>;
}

function follow(args: readonly string[], program?: string): Following {
  const child = spawn(program ?? process.execPath, program === undefined ? [PODWALL, ...args] : args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<RunResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, stdout: () => stdout, ended };
}

function flow(node: string, from: string, to: string, rest: Partial<FlowEvent> = {}): FlowEvent {
  const end = (pod: string, address: string, port: number): FlowEvent["source"] => ({
    address: parseAddress(address)!,
    port,
    kind: "pod",
    pod,
    workload: `${pod.replace(/-\d+$/, "")}[StatefulSet]`,
    node,
  });
  return {
    kind: "flow",
    time: "2026-11-26T09:00:00.123Z",
    node,
    direction: "ingress",
    verdict: "denied",
    family: 4,
    source: end(from, "10.1.0.1", 40_000),
    destination: end(to, "10.1.0.2", 3306),
    protocol: 6,
    repeated: 0,
    policies: [DB],
    reason: { why: "known-since", pod: to },
    ...rest,
  };
}

function entry(localPods: number, version: PolicyVersion): PolicyStatus {
  return { policy: DB, enforced: version, seen: version, localPods, audited: false, troubles: [] };
}

function versionOf(object: unknown): PolicyVersion {
  const { uid, generation, resourceVersion } = (object as { metadata: PolicyVersion }).metadata;
  return { uid, resourceVersion, ...(generation === undefined ? {} : { generation }) };
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within a minute: ${isSo}`);
    await sleep(20);
  }
}
