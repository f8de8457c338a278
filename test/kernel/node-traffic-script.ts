// Runs inside the sandbox: traffic between nodes and pods, under policies that deny all they can.
import { createEngine } from "../../src/engine/engine.ts";
import { openLab } from "../../src/lab/lab.ts";
import { type Probe, probe } from "../../src/lab/probe.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { formatAddress } from "../../src/net/address.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";

const pod = (name: string, node: string, role: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {role: ${role}}}
spec: {nodeName: ${node}, containers: [{name: main, ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]}]}
`;
const deny = (name: string, role: string, types: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {role: ${role}}}, policyTypes: [${types}]}
`;
const MANIFESTS = [
  pod("closed", "one", "closed"),
  pod("silent", "one", "silent"),
  pod("open", "one", "open"),
  pod("far", "two", "open"),
  deny("closed", "closed", "Ingress, Egress"),
  deny("silent", "silent", "Egress"),
].join("---");

await runInSandbox(async () => {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: MANIFESTS }], {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  const lab = await openLab(createEngine(cluster), []);
  const address = (id: string, family: 4 | 6): string =>
    lab.network
      .endpoint(id)!
      .addresses.filter((each) => each.family === family)
      .map(formatAddress)[0]!;
  const cases: [from: string, to: string][] = [
    ["node:one", "shop/closed"],
    ["node:two", "shop/closed"],
    ["shop/far", "shop/closed"],
    ["shop/closed", "node:one"],
    ["shop/open", "node:one"],
    ["shop/closed", "node:two"],
    ["shop/far", "shop/silent"],
    ["shop/silent", "shop/far"],
  ];
  const probes: Probe[] = cases.flatMap(([from, to]) =>
    ([4, 6] as const).flatMap((family): Probe[] => {
      const end = { from, to: { address: address(to, family) }, family };
      return [
        { ...end, protocol: "TCP", port: 80 },
        { ...end, protocol: "UDP", port: 53 },
        { ...end, protocol: "ICMP" },
      ];
    }),
  );
  const results = await probe(lab.network, probes, { timeoutMs: 1000 });
  const passed: Record<string, string[]> = {};
  for (const [i, [from, to]] of cases.entries()) {
    passed[`${from} -> ${to}`] = results
      .slice(i * 6, i * 6 + 6)
      .map(
        (result, k) =>
          `${k < 3 ? "IPv4" : "IPv6"} ${probes[i * 6 + k]!.protocol} ${result.outcome === "no-answer" ? "stopped" : "passed"}`,
      );
  }
  process.stdout.write(JSON.stringify(passed));
  await lab.close();
  return 0;
});
