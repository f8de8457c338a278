import { createNetwork, type LabNetwork } from "../network.ts";
import { type Probe, probe } from "../probe.ts";
import { sendRaw } from "../raw.ts";
import { runInSandbox } from "../sandbox-inner.ts";
import { TOPOLOGY } from "./cluster.ts";

/** Runs in the sandbox: executes the steps given as JSON in the first argument, and sends the answer of each. */
export type Step =
  | { readonly probes: readonly (readonly [from: string, to: string, what: string])[] }
  | { readonly node: string; readonly nft: string }
  | { readonly node: string; readonly argv: readonly string[] }
  | { readonly node: string; readonly counter: string }
  | { readonly topology: "without-web" | "one-node" | "api-on-81" | "readdressed" | "first" }
  | { readonly raw: readonly [from: string, hex: string] };

function toProbe([from, address, what]: readonly [string, string, string]): Probe {
  const [protocol, port] = what.split("/") as [Probe["protocol"], string?];
  const family = address.includes(":") ? 6 : 4;
  return { from, to: { address }, protocol, family, ...(port === undefined ? {} : { port: Number(port) }) };
}

async function take(network: LabNetwork, step: Step): Promise<unknown> {
  if ("probes" in step) {
    const results = await probe(network, step.probes.map(toProbe), { timeoutMs: 400 });
    return results.map(({ outcome }) => outcome);
  }
  if ("nft" in step) return network.runInNode(step.node, ["nft", "-f", "-"], step.nft);
  if ("argv" in step) return network.runInNode(step.node, step.argv);
  if ("counter" in step) {
    const { stdout } = await network.runInNode(step.node, [
      "nft",
      "list",
      "counter",
      "inet",
      "t",
      step.counter,
    ]);
    return Number(/packets ([0-9]+)/.exec(stdout)?.[1]);
  }
  if ("raw" in step) return sendRaw(network, step.raw[0], Buffer.from(step.raw[1], "hex"));
  const { nodes, pods } = TOPOLOGY;
  switch (step.topology) {
    case "first":
      return network.update(TOPOLOGY);
    case "without-web":
      return network.update({ nodes, pods: pods.filter(({ id }) => id !== "shop/web"), externals: [] });
    case "one-node":
      return network.update({
        nodes: nodes.slice(0, 1),
        pods: pods.map((pod) => ({ ...pod, node: "alpha" })),
        externals: [],
      });
    case "readdressed": {
      const addresses = ["192.168.7.3", "fd00:7::3"];
      return network.update({ ...TOPOLOGY, nodes: [{ name: "alpha", addresses }, ...nodes.slice(1)] });
    }
    case "api-on-81": {
      const ports = [{ protocol: "TCP" as const, port: 81 }];
      return network.update({
        ...TOPOLOGY,
        pods: pods.map((pod) => (pod.id === "shop/api" ? { ...pod, ports } : pod)),
      });
    }
  }
}

await runInSandbox(async () => {
  const network = await createNetwork(TOPOLOGY);
  for (const step of JSON.parse(process.argv[2]!) as Step[]) {
    process.send!({ answer: (await take(network, step)) ?? null });
  }
  await network.close();
  return 0;
});
