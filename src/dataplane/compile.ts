import type { Engine } from "../engine/engine.ts";
import type { Direction } from "../k8s/objects.ts";
import { FAMILIES, type Family, formatAddress } from "../net/address.ts";
import { classChain, classChainName } from "./class-chain.ts";
import type { Program, ProgramChain, ProgramSet } from "./program.ts";

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/**
 * What the kernel of one node must hold so that its pods' packets pass exactly where the engine says so. Only
 * pods on this node are judged: ingress where they receive, egress where they send.
 *
 * A packet meets, in order: established connections and neighbour discovery pass; the egress chain of the
 * sending local pod, if it has one; the ingress chain of the receiving local pod, if it has one; accept.
 */
export function compileProgram(engine: Engine, nodeName: string): Program {
  const sets = new Map<string, ProgramSet>();
  const chains = new Map<string, ProgramChain>();
  const addSet = (set: ProgramSet): void => {
    sets.set(set.name, set);
  };
  for (const chain of baseChains()) chains.set(chain.name, chain);

  for (const family of FAMILIES) {
    const addressType = family === 4 ? "ipv4_addr" : "ipv6_addr";
    const view = engine.view(family);
    const jumps: Record<Direction, Map<string, string>> = { ingress: new Map(), egress: new Map() };
    const self = new Map<string, string>();
    for (const podClass of view.classes()) {
      const local = [...podClass.pods].filter((pod) => pod.node === nodeName);
      if (local.length === 0) continue;
      const addresses = local.map((pod) => formatAddress(pod.addresses[family]!));
      for (const address of addresses) self.set(`${address} . ${address}`, "");
      for (const direction of DIRECTIONS) {
        if (view.row(direction, podClass).policies.length === 0) continue;
        const name = classChainName(view, podClass, direction);
        const { chain, sets: needed } = classChain(view, podClass, direction);
        chains.set(name, chain);
        needed.forEach(addSet);
        for (const address of addresses) jumps[direction].set(address, `goto ${name}`);
      }
    }
    const nodeAddresses = engine.cluster.nodes
      .get(nodeName)
      ?.addresses.filter((address) => address.family === family)
      .map((address): [string, string] => [formatAddress(address), ""]);
    const set = (name: string, type: string, elements: ReadonlyMap<string, string>): ProgramSet => ({
      name: `${name}${family}`,
      kind: type.endsWith("verdict") ? "map" : "set",
      type,
      interval: false,
      elements,
    });
    addSet(set("node", addressType, new Map(nodeAddresses)));
    addSet(set("self", `${addressType} . ${addressType}`, self));
    addSet(set("ingress", `${addressType} : verdict`, jumps.ingress));
    addSet(set("egress", `${addressType} : verdict`, jumps.egress));
  }
  return { sets, chains };
}

function baseChains(): ProgramChain[] {
  // Replies belong to a connection that was judged when it began, and are never judged as new ones.
  const always = [
    "ct state established,related accept",
    "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept",
  ];
  const perFamily = (rule: (ip: string, family: Family) => string): string[] =>
    FAMILIES.map((family) => rule(family === 4 ? "ip" : "ip6", family));
  return [
    {
      name: "forward",
      hook: "forward",
      comment: "between pods, and between pods and elsewhere",
      rules: [
        ...always,
        // A pod that reaches itself through a service address comes back with both ends its own.
        ...perFamily((ip, family) => `${ip} saddr . ${ip} daddr @self${family} accept`),
        "goto egress",
      ],
    },
    { name: "input", hook: "input", comment: "pods to their own node", rules: [...always, "goto egress"] },
    {
      name: "output",
      hook: "output",
      comment: "the node to its own pods: always allowed (kubelet probes)",
      rules: [...always, ...perFamily((ip, family) => `${ip} saddr @node${family} accept`), "goto ingress"],
    },
    {
      name: "egress",
      comment: "what local pods send; what may leave goes on to ingress",
      rules: [...perFamily((ip, family) => `${ip} saddr vmap @egress${family}`), "goto ingress"],
    },
    {
      name: "ingress",
      comment: "what local pods receive",
      rules: [...perFamily((ip, family) => `${ip} daddr vmap @ingress${family}`), "accept"],
    },
    { name: "deny_ingress", comment: "nothing lets it enter", rules: ["counter drop"] },
    { name: "deny_egress", comment: "nothing lets it leave", rules: ["counter drop"] },
  ];
}
