// Runs inside the sandbox: a node whose own address is in its pod range, as that of the bridge that pods hang on.
import { createEngine } from "../../src/engine/engine.ts";
import { openLab } from "../../src/lab/lab.ts";
import type { Endpoint, LabNetwork } from "../../src/lab/network.ts";
import { topologyOf } from "../../src/lab/plan.ts";
import { type Probe, probe } from "../../src/lab/probe.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { addressOf } from "../../src/linux/sockaddr.ts";
import { formatAddress } from "../../src/net/address.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";
import { denyAll, node, pod, policy } from "./around/manifests.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON: by `FROM -> TO`, what became of TCP, UDP and ICMP in IPv4 and then in IPv6. */
export interface BridgeAddressRun {
  readonly passages: Readonly<Record<string, readonly string[]>>;
  readonly differences: number;
}

const BRIDGE = ["10.244.0.1", "fd00:10:244::1"].map(addressOf);
const PODS = { open: 10, closed: 11, silent: 12, shut: 13, admitted: 14 };
const podOf = (name: string, number: number): string =>
  pod(name, name, "one", [`10.244.0.${number}`, `fd00:10:244::${number}`], "TCP/80", "UDP/53");
const KNOWN = [
  node("one", "172.18.0.1", "fd00:18::1"),
  ...Object.entries(PODS).map(([name, number]) => podOf(name, number)),
  policy("closed", "closed", "{policyTypes: [Ingress]}"),
  policy("silent", "silent", "{policyTypes: [Egress]}"),
  denyAll("shut"),
  policy(
    "admitted",
    "admitted",
    '{egress: [{to: [{ipBlock: {cidr: 10.244.0.1/32}}, {ipBlock: {cidr: "fd00:10:244::1/128"}}]}], policyTypes: [Egress]}',
  ),
];
const engineOf = (...manifests: string[]) => {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: manifests.join("") }], {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return createEngine(cluster);
};

await runInSandbox(async () => {
  const lab = await openLab(engineOf(...KNOWN), []);
  // One pod more than the engine knows.
  await lab.network.update(topologyOf(engineOf(...KNOWN, podOf("new", 20)), []));
  // A link of the kind that the lab is made of: not every kernel has bridges, or dummies.
  const script = `ip link add bridge0 type veth peer name bridge1
    ip link set bridge1 up
    ip address add 10.244.0.1/24 dev bridge0
    ip address add fd00:10:244::1/64 dev bridge0 nodad
    ip link set bridge0 up`;
  const { code, stderr } = await lab.network.runInNode("one", ["sh", "-ec", script]);
  if (code !== 0) throw new Error(stderr);
  const bridge: Endpoint = { namespace: lab.network.namespaceOf("node:one"), addresses: BRIDGE };
  const network: LabNetwork = {
    ...lab.network,
    endpoint: (id) => (id === "bridge" ? bridge : lab.network.endpoint(id)),
  };
  const passages: Record<string, string[]> = {};
  const look = async (from: string, to: string): Promise<void> => {
    const probes = ([4, 6] as const).flatMap((family): Probe[] => {
      const address = network.endpoint(to)!.addresses.find((each) => each.family === family)!;
      const ends = { from, to: { address: formatAddress(address) }, family };
      return [
        { ...ends, protocol: "TCP", port: 80 },
        { ...ends, protocol: "UDP", port: 53 },
        { ...ends, protocol: "ICMP" },
      ];
    });
    const results = await probe(network, probes, { timeoutMs: 500 });
    // Nobody listens at the node: that the sender is told so means that its packet arrived.
    passages[`${from} -> ${to}`] = results.map(({ outcome }) =>
      outcome === "no-answer" ? "stopped" : "passed",
    );
  };
  for (const name of [...Object.keys(PODS), "new"]) {
    await look("bridge", `shop/${name}`);
    await look(`shop/${name}`, "bridge");
    await look(`shop/${name}`, "node:one");
  }
  const differences = [...(await lab.verify()).values()].flat().length;
  await writeResult({ passages, differences } satisfies BridgeAddressRun);
  await lab.close();
  return 0;
});
