// Runs inside the sandbox: what is sent to the kernel of a node for one change at a time.
import type { ClusterChange } from "../../src/cluster/change.ts";
import type { ClusterPod } from "../../src/cluster/cluster.ts";
import { createEnforcer } from "../../src/dataplane/enforcer.ts";
import type { Kernel } from "../../src/dataplane/kernel/kernel.ts";
import { nftablesKernel } from "../../src/dataplane/kernel/nftables-kernel.ts";
import { createPolicyEngines } from "../../src/dataplane/policy-engines.ts";
import type { Program } from "../../src/dataplane/program/program.ts";
import type { NetworkPolicy, NetworkPolicyIngressRule } from "../../src/k8s/objects.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { createNamespace } from "../../src/linux/netns.ts";
import { formatAddress, parseAddress } from "../../src/net/address.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { canonicalProgram } from "../dataplane/program-mirror.ts";
import { replicaCluster } from "./replica-cluster.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON. */
export interface OperationsRun {
  /** Pods of other nodes that leave, come back, arrive anew and leave again: the commands of each. */
  readonly pods: readonly OneChange[];
  /** Policies that change: with what was touched that belongs to no pod that they select. */
  readonly policies: readonly (OneChange & { readonly beyond: readonly string[] })[];
  /** Chains that the node holds for its pods. */
  readonly classChains: number;
}

export interface OneChange {
  readonly what: string;
  readonly commands: readonly string[];
}

const NODE = "node-0";

await runInSandbox(async () => {
  const { cluster } = engineOf(replicaCluster({ namespaces: 4, workloads: 5, replicas: 6 }));
  const engines = createPolicyEngines(cluster);
  const kernel = nftablesKernel(NODE, createNamespace("node"));
  let sent: string[] = [];
  const recorded: Kernel = {
    ...kernel,
    apply: (script) => {
      sent.push(...script.trimEnd().split("\n"));
      return kernel.apply(script);
    },
  };
  const enforcer = createEnforcer({ engines, node: NODE, kernel: recorded });
  await enforcer.start();
  const change = async (what: string, changes: readonly ClusterChange[]): Promise<OneChange> => {
    sent = [];
    engines.apply(changes);
    const { problems } = await enforcer.enforce();
    if (problems.length > 0) throw new Error(`${what}: ${JSON.stringify(problems)}`);
    return { what, commands: sent };
  };

  const pods: OneChange[] = [];
  const remote = cluster.pods.filter(({ node }) => node !== NODE);
  for (const [i, pod] of remote.entries()) {
    pods.push(await change(`${pod.id} leaves`, [{ kind: "pod-removed", id: pod.id }]));
    pods.push(await change(`${pod.id} comes back`, [{ kind: "pod-set", pod }]));
    if (i % 5 !== 0) continue;
    const more = another(pod);
    pods.push(await change(`${more.id} arrives`, [{ kind: "pod-set", pod: more }]));
    pods.push(await change(`${more.id} leaves again`, [{ kind: "pod-removed", id: more.id }]));
  }

  const policies: (OneChange & { beyond: string[] })[] = [];
  for (const policy of cluster.networkPolicies) {
    const { namespace, name } = policy;
    const selected = cluster.pods.filter((pod) => pod.namespace === namespace && pod.labels.app === name);
    const addresses = new Set(selected.flatMap((pod) => Object.values(pod.addresses).map(formatAddress)));
    const steps: [string, ClusterChange][] = [
      ["has another port", { kind: "policy-set", policy: withPort(policy, 8443) }],
      ["has other peers", { kind: "policy-set", policy: withRules(policy, (rules) => rules.slice(1)) }],
      ["is audited", { kind: "policy-set", policy: { ...policy, audit: true } }],
      ["is as it was", { kind: "policy-set", policy }],
      ["is gone", { kind: "policy-removed", id: `NetworkPolicy ${namespace}/${name}` }],
      ["is back", { kind: "policy-set", policy }],
    ];
    for (const [what, step] of steps) {
      const before = enforcer.program();
      const done = await change(`${namespace}/${name} ${what}`, [step]);
      policies.push({ ...done, beyond: beyondOf(done.commands, addresses, [before, enforcer.program()]) });
    }
  }

  const program = enforcer.program();
  const read = await kernel.read();
  if (JSON.stringify(setsAndRules(read)) !== JSON.stringify(setsAndRules(program))) {
    throw new Error("the kernel is not what the enforcer takes it for");
  }
  const classChains = [...program.chains.keys()].filter((chain) => /^(in|eg)[46]_/.test(chain)).length;
  const run: OperationsRun = { pods, policies, classChains };
  await writeResult(run);
  await enforcer.close();
  return 0;
});

/** A pod like another beside it. */
function another(pod: ClusterPod): ClusterPod {
  const last = Number(formatAddress(pod.addresses[4]!).split(".").at(-1));
  const node = pod.node!.slice(-1);
  const addresses = {
    4: parseAddress(`10.${node}.200.${last}`)!,
    6: parseAddress(`fd00:${node}::c8:${last}`)!,
  };
  return { ...pod, id: `${pod.id}-more`, name: `${pod.name}-more`, addresses };
}

function withRules(
  policy: NetworkPolicy,
  rules: (ingress: readonly NetworkPolicyIngressRule[]) => readonly NetworkPolicyIngressRule[],
): NetworkPolicy {
  return { ...policy, spec: { ...policy.spec, ingress: rules(policy.spec.ingress!) } };
}

function withPort(policy: NetworkPolicy, port: number): NetworkPolicy {
  return withRules(policy, ([first, ...rest]) => [{ ...first, ports: [{ protocol: "TCP", port }] }, ...rest]);
}

/** Commands about chains, elements of maps and sets that are there for none of the addresses, before or after. */
function beyondOf(
  commands: readonly string[],
  addresses: ReadonlySet<string>,
  programs: readonly Program[],
): string[] {
  const own = new Set<string>();
  for (const { sets, chains } of programs) {
    for (const map of ["ingress4", "ingress6", "egress4", "egress6"]) {
      for (const address of addresses) {
        const chain = /^goto ((?:in|eg)[46]_.*)/.exec(sets.get(map)?.elements.get(address) ?? "")?.[1];
        if (chain === undefined) continue;
        for (const each of [chain, `a${chain}`]) addReached({ sets, chains }, each, own);
      }
    }
  }
  return commands.filter((command) => {
    const [, kind, , , name] = command.split(" ");
    if (kind !== "element" || !/^(in|e)gress[46]$/.test(name!)) return !own.has(name!);
    const elements = command.slice(command.indexOf("{") + 1, command.lastIndexOf("}")).split(",");
    return elements.some((element) => !addresses.has(element.trim().split(" : ")[0]!));
  });
}

/** A chain, the sets that it names, and what its maps lead to. */
function addReached(program: Program, chain: string, reached: Set<string>): void {
  reached.add(chain);
  for (const rule of program.chains.get(chain)?.rules ?? []) {
    for (const [, set] of rule.matchAll(/@(\S+)/g)) {
      reached.add(set!);
      for (const verdict of program.sets.get(set!)?.elements.values() ?? []) {
        if (verdict.startsWith("jump ")) addReached(program, verdict.slice("jump ".length), reached);
      }
    }
  }
}

/** What a listing tells of both. */
function setsAndRules(program: Program): unknown {
  const { pods, sets, chains } = canonicalProgram(program) as {
    pods: unknown;
    sets: unknown;
    chains: readonly (readonly [name: string, hook: unknown, comment: unknown, rules: unknown])[];
  };
  return [pods, sets, chains.map(([name, hook, , rules]) => [name, hook, rules])];
}
