import { setTimeout as sleep } from "node:timers/promises";
import { openAgentCluster } from "../../test/agent/harness/agent-cluster.ts";
import { networkPolicy } from "../../test/apiserver/cluster-objects.ts";
import { createObjects, listPath } from "../../test/apiserver/objects.ts";
import { createRandom } from "../../test/generators/random.ts";
import { percentile } from "../stats.ts";
import { monotonicMillis, startBlaster } from "./blaster.ts";
import { apiObjects, type LatencySizes, latencyCluster, NODE } from "./latency-cluster.ts";

const role = (name: string) => ({ podSelector: { matchLabels: { role: name } } });

export async function latencyJob(program: string, sizes: LatencySizes, repetitions: number): Promise<void> {
  const cluster = await openAgentCluster({ nodes: [NODE] });
  const { api, kubelet, network } = cluster;
  const begun = monotonicMillis();
  const { first, rest } = apiObjects(latencyCluster(sizes));
  await createObjects(api, first);
  await createObjects(api, rest);
  console.log(`filled in ${Math.round(monotonicMillis() - begun)} ms`);
  const policy = networkPolicy("bench", "to-server", {
    ...role("server"),
    ingress: [{ from: [role("friend")] }],
  });
  await cluster.create(policy);
  const server = await kubelet.create("bench/server", { node: NODE, labels: { role: "server" } });
  await kubelet.create("bench/client", { node: NODE, labels: { role: "friend" } });
  const started = monotonicMillis();
  const agent = cluster.startAgent(NODE);
  await agent.ready(300_000);
  console.log(`ready in ${Math.round(monotonicMillis() - started)} ms`);
  await cluster.agreed({ patience: 15_000 }).catch(async (error) => {
    console.error(await cluster.diagnostics());
    throw error;
  });
  console.log(JSON.stringify((await agent.status()).counts));
  const blaster = startBlaster({
    program,
    from: network.endpoint("bench/client")!.namespace,
    to: network.endpoint("bench/server")!.namespace,
    address: server.addresses[0],
    port: 80,
    rate: 5000,
  });
  await blaster.becomes(true);
  const deny = networkPolicy("bench", "client-alone", { ...role("friend"), policyTypes: ["Egress"] });
  const path = `${listPath(policy)}/${policy.metadata.name}`;
  const clientPath = "/api/v1/namespaces/bench/pods/client";
  const spec = (name: string) => ({ spec: { ingress: [{ from: [role(name)] }] } });
  const label = (name: string) => ({ metadata: { labels: { role: name } } });
  await cluster.server.define("clusternetworkpolicies");
  const above = {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name: "above" },
    spec: {
      tier: "Admin",
      priority: 10,
      subject: { pods: { namespaceSelector: {}, ...role("server") } },
      ingress: [{ name: "none", action: "Deny", from: [{ namespaces: {} }] }],
    },
  };
  await sleep(15_000);
  const scenarios: Record<
    string,
    { readonly close: () => Promise<unknown>; readonly open: () => Promise<unknown> }
  > = {
    "policy changes": {
      close: () => api.must("PATCH", path, spec("nobody")),
      open: () => api.must("PATCH", path, spec("friend")),
    },
    "policy comes and goes": {
      close: () => api.must("POST", listPath(deny), deny),
      open: () => api.must("DELETE", `${listPath(deny)}/${deny.metadata.name}`),
    },
    "cluster policy comes and goes": {
      close: () => api.must("POST", listPath(above), above),
      open: () => api.must("DELETE", `${listPath(above)}/${above.metadata.name}`),
    },
    "label of a local pod": {
      close: () => api.must("PATCH", clientPath, label("stranger")),
      open: () => api.must("PATCH", clientPath, label("friend")),
    },
  };
  // Without the policy all may pass.
  await cluster.api.must("PATCH", clientPath, label("friend"));
  const random = createRandom(3);
  const samples: Record<string, number[]> = {};
  const add = (name: string, value: number): void => {
    samples[name] = [...(samples[name] ?? []), value];
  };
  const measure = async (name: string, passes: boolean, write: () => Promise<unknown>): Promise<void> => {
    await sleep(100 + random.int(0, 200));
    const sent = monotonicMillis();
    const offset = Date.now() - sent;
    await write();
    const answered = monotonicMillis();
    const verdict = await blaster.becomes(passes);
    let { enforcement } = await agent.status();
    // The agent has more to do after the rules are in force.
    while (Date.parse(enforcement.lastProgrammed!) < sent + offset || enforcement.lagMillis > 0) {
      await sleep(20);
      ({ enforcement } = await agent.status());
    }
    const programmed = Date.parse(enforcement.lastProgrammed!) - offset;
    const key = `${name}, ${passes ? "opens" : "closes"}`;
    add(`${key}: write to packet`, verdict.at - sent);
    add(`${key}: answer to packet`, verdict.at - answered);
    add(`${key}: write to answer`, answered - sent);
    add(`${key}: write to seen`, programmed - enforcement.lastSyncMillis! - sent);
    add(`${key}: seen to programmed`, enforcement.lastSyncMillis!);
    add(`${key}: programmed to packet`, verdict.at - programmed);
    add(`${key}: granularity`, verdict.at - verdict.before);
    add(`${key}: strays`, verdict.strays);
  };
  for (const [name, { close, open }] of Object.entries(scenarios)) {
    for (let i = 0; i < repetitions; i++) {
      await measure(name, false, close);
      await measure(name, true, open);
    }
  }
  for (const [name, values] of Object.entries(samples)) {
    const sorted = Float64Array.from(values).sort();
    const words = [0, 0.5, 0.9, 0.99, 1].map((share) => percentile(sorted, share).toFixed(1));
    console.log(`${name.padEnd(60)} min/50/90/99/max ${words.join(" / ")}  (${sorted.length})`);
  }
  const { text } = await agent.get("/metrics");
  console.log(
    text
      .split("\n")
      .filter((line) => /^podwall_(sync|transaction_duration|api_)/.test(line))
      .join("\n"),
  );
  blaster.stop();
  await cluster.close();
}
