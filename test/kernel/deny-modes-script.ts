// Runs inside the sandbox: packets at pods that the engine does not know, and what a denied sender sees.
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../../src/dataplane/config.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { topologyOf } from "../../src/lab/plan.ts";
import { type Probe, probe } from "../../src/lab/probe.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { formatAddress, parseAddress } from "../../src/net/address.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";

/** By `FROM -> TO`: what came back of TCP, UDP and ICMP, in IPv4 and then in IPv6. */
export type Answers = Readonly<Record<string, readonly string[]>>;

/** What the script writes, as JSON. */
export interface DenyModesRun {
  readonly drop: Answers;
  readonly reject: Answers;
  /** While `shop/new` has its namespace and its address, and the engine does not know it. */
  readonly unknown: Answers;
  /** When the engine has learned of it. */
  readonly known: Answers;
  /** With `closedAtBirth: false`. */
  readonly open: Answers;
}

const pod = (name: string, node: string, number: number): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {name: ${name}}}
spec: {nodeName: ${node}, containers: [{name: main, ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]}]}
status: {podIPs: [{ip: 10.244.0.${number}}, {ip: "fd00:10:244::${number}"}]}
`;
const isolated = (name: string, types: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {name: ${name}}}, policyTypes: [${types}]}
`;
const KNOWN = [
  pod("closed", "one", 10),
  pod("silent", "one", 11),
  pod("open", "one", 12),
  pod("far", "two", 13),
  pod("shut", "one", 14),
  isolated("closed", "Ingress"),
  isolated("silent", "Egress"),
  isolated("shut", "Ingress, Egress"),
];
const EXTERNALS = ["10.244.9.9", "fd00:10:244::99"].map((text) => parseAddress(text)!);

const engineOf = (...manifests: string[]) => {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: manifests.join("---") }], {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return createEngine(cluster);
};

async function answers(lab: Lab, pairs: readonly (readonly [from: string, to: string])[]): Promise<Answers> {
  const result: Record<string, string[]> = {};
  for (const [from, to] of pairs) {
    const probes = ([4, 6] as const).flatMap((family): Probe[] => {
      const ends = lab.network.endpoint(to)!.addresses.filter((each) => each.family === family);
      const canSend = lab.network.endpoint(from)!.addresses.some((each) => each.family === family);
      if (ends[0] === undefined || !canSend) return [];
      const end = { from, to: { address: formatAddress(ends[0]) }, family };
      return [
        { ...end, protocol: "TCP", port: 80 },
        { ...end, protocol: "UDP", port: 53 },
        { ...end, protocol: "ICMP" },
      ];
    });
    const found = await probe(lab.network, probes, { timeoutMs: 400 });
    result[`${from} -> ${to}`] = found.map(({ outcome, detail }) =>
      outcome === "answered" ? "answered" : detail,
    );
  }
  return result;
}

async function denied(deny: EnforcementConfig["deny"]): Promise<Answers> {
  const lab = await openLab(engineOf(...KNOWN), [], { config: { ...DEFAULT_ENFORCEMENT, deny } });
  const result = await answers(lab, [
    ["shop/open", "shop/closed"],
    ["shop/far", "shop/closed"],
    ["node:two", "shop/closed"],
    ["shop/silent", "shop/open"],
    ["shop/silent", "shop/far"],
    ["shop/silent", "node:one"],
    ["shop/shut", "shop/open"],
    ["shop/open", "shop/far"],
  ]);
  await lab.close();
  return result;
}

const BIRTH = [
  ["shop/open", "shop/new"],
  ["shop/far", "shop/new"],
  ["shop/new", "shop/open"],
  ["shop/new", "shop/far"],
  ["node:one", "shop/new"],
  ["10.244.9.9", "shop/open"],
  ["shop/open", "10.244.9.9"],
  ["shop/open", "shop/far"],
] as const;

/** The network has one pod more than the engine. */
async function born(
  closedAtBirth: boolean,
): Promise<{ lab: Lab; before: Answers; after: () => Promise<Answers> }> {
  const all = engineOf(...KNOWN, pod("new", "one", 20));
  const lab = await openLab(engineOf(...KNOWN), EXTERNALS, {
    config: { ...DEFAULT_ENFORCEMENT, closedAtBirth },
  });
  await lab.network.update(topologyOf(all, EXTERNALS));
  const ends = BIRTH;
  const before = await answers(lab, ends);
  return {
    lab,
    before,
    after: async () => {
      await lab.update(all);
      await sleep(50);
      return answers(lab, ends);
    },
  };
}

await runInSandbox(async () => {
  const [drop, reject] = [await denied("drop"), await denied("reject")];
  const closed = await born(true);
  const known = await closed.after();
  await closed.lab.close();
  const opened = await born(false);
  await opened.lab.close();
  const run: DenyModesRun = { drop, reject, unknown: closed.before, known, open: opened.before };
  process.stdout.write(JSON.stringify(run));
  return 0;
});
