import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import type { EnforcementConfig } from "../config.ts";
import type { ProgramChain, ProgramSet } from "../program/program.ts";

/** Packets logged before a chain's limit takes hold, and how many a second afterwards. */
const LOG_LIMIT = "limit rate 10/second burst 20 packets";

/** What the flow log makes of a packet: the start of the prefix of its NFLOG message. */
export type LogVerdict = "deny" | "audit" | "allow" | "birth";

/** The statement that logs a packet, not too often. */
export function logStatement(config: EnforcementConfig, verdict: LogVerdict, direction: Direction): string {
  return `${LOG_LIMIT} log prefix "podwall ${verdict} ${direction}" group ${config.logGroup} snaplen 256`;
}

/** The name of a family in nft's words. */
export function ipWord(family: Family): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

/** The type of an address in nft's words. */
export function addressType(family: Family): "ipv4_addr" | "ipv6_addr" {
  return family === 4 ? "ipv4_addr" : "ipv6_addr";
}

/**
 * A pod that reaches itself through a service address comes back with both ends its own, which is always allowed. Asked
 * only where the packet would be denied, as it is nearly always somebody else's.
 */
export function selfRule(family: Family): string {
  const ip = ipWord(family);
  return `${ip} saddr . ${ip} daddr @self${family} accept`;
}

/**
 * The rules of the end of a class chain, where nothing let the packet pass. `match` limits them to some packets.
 * The log is limited here, for each class by itself, so that a flood at one does not hide what is denied to another.
 */
export function denyRules(config: EnforcementConfig, direction: Direction, match = ""): string[] {
  const logged =
    config.flows === "none" ? [] : [logStatement(config, config.audit ? "audit" : "deny", direction)];
  return [...logged, `goto deny_${direction}`].map((rule) => (match === "" ? rule : `${match} ${rule}`));
}

/**
 * The chains that are the same on every node. A packet meets, in order: what cuts connections that have become
 * forbidden, while there are any (every packet pays for it, and mostly there are none); established connections and
 * neighbour discovery pass; the egress chain of the sending local pod; the ingress chain of the receiving local pod;
 * accept.
 */
export function frameChains(config: EnforcementConfig, isCutting: boolean): ProgramChain[] {
  const perFamily = (rules: (ip: string, family: Family) => string[]): string[] =>
    FAMILIES.flatMap((family) => rules(ipWord(family), family));
  const cuts = isCutting
    ? perFamily((ip, family) => [
        `${ip} saddr . ${ip} daddr . meta l4proto . th sport . th dport @cut${family} goto cut`,
        `${ip} daddr . ${ip} saddr . meta l4proto . th dport . th sport @cut${family} goto cut`,
      ])
    : [];
  const always = [
    // Replies belong to a connection that was judged when it began, and are never judged as new ones.
    "ct state established,related accept",
    "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept",
  ];
  const birth = (direction: Direction): string[] => {
    if (!config.closedAtBirth) return [];
    const side = direction === "ingress" ? "daddr" : "saddr";
    return perFamily((ip, family) => [
      // The node itself may have addresses of the range, as on a bridge that its pods hang on.
      `${ip} ${side} . meta l4proto @birth${family} ${ip} ${side} != @elsewhere${family} fib ${side} type != local goto born_${direction}`,
    ]);
  };
  const logBirth = (direction: Direction): string[] =>
    config.flows === "none" ? [] : [logStatement(config, "birth", direction)];
  const logAllowed = config.flows === "all" ? [logStatement(config, "allow", "ingress")] : [];
  const afterDeny = (direction: Direction): string[] => {
    if (config.audit) return ["counter", direction === "ingress" ? "accept" : "goto ingress"];
    return config.deny === "drop" ? ["counter drop"] : ["counter", ...REJECT];
  };
  // The reset that ends a cut connection is sent by the node, related to the packet that it answers, and must get out,
  // or in if the end is the node itself: there cutting comes second. The packets of a cut connection are no longer
  // established, as its entry is gone.
  return [
    {
      name: "forward",
      hook: "forward",
      comment: "between pods, and between pods and elsewhere",
      rules: [...cuts, ...always, "goto egress"],
    },
    {
      name: "input",
      hook: "input",
      comment: "pods to their own node",
      rules: [...always, ...cuts, "goto egress"],
    },
    {
      name: "output",
      hook: "output",
      comment: "the node to its own pods: always allowed (kubelet probes)",
      // By its address, whichever interface it is of: probes come from that of the bridge, if pods hang on one.
      rules: [...always, ...cuts, "fib saddr type local accept", "goto ingress"],
    },
    {
      name: "egress",
      comment: "what local pods send; what may leave goes on to ingress",
      rules: [
        ...perFamily((ip, family) => [`${ip} saddr vmap @egress${family}`]),
        ...birth("egress"),
        "goto ingress",
      ],
    },
    {
      name: "ingress",
      comment: "what local pods receive",
      rules: [
        ...perFamily((ip, family) => [`${ip} daddr vmap @ingress${family}`]),
        ...birth("ingress"),
        ...logAllowed,
        "accept",
      ],
    },
    {
      name: "pass_ingress",
      comment: "to local pods that no policy is about",
      rules: [...logAllowed, "accept"],
    },
    { name: "deny_ingress", comment: "nothing lets it enter", rules: afterDeny("ingress") },
    { name: "deny_egress", comment: "nothing lets it leave", rules: afterDeny("egress") },
    {
      name: "audit_ingress",
      comment: "only policies in audit mode keep it out: it passes",
      rules: [...auditLog(config, "ingress"), "counter accept"],
    },
    {
      name: "audit_egress",
      comment: "only policies in audit mode keep it in: it passes",
      rules: [...auditLog(config, "egress"), "counter goto ingress"],
    },
    ...(config.closedAtBirth
      ? [
          {
            name: "born_ingress",
            comment: "to a pod that is not known yet",
            rules: [...logBirth("ingress"), "counter drop"],
          },
          {
            name: "born_egress",
            comment: "from a pod that is not known yet",
            rules: [...logBirth("egress"), "counter drop"],
          },
        ]
      : []),
    {
      name: "cut",
      comment: "of connections that a change has forbidden",
      rules: ["counter", "meta l4proto tcp reject with tcp reset", "drop"],
    },
  ];
}

/**
 * The chain `ingress` of a node with pods that not everybody may reach. What is sent to a multicast or broadcast address
 * is not told apart by who will receive it, and on a bridge that is every pod; so none of it is forwarded.
 */
export function keepingOutMulticast(ingress: ProgramChain, config: EnforcementConfig): ProgramChain {
  // What goes to the node itself leaves by no interface. Behind the maps, since a look into the routing table costs more
  // than all else, and what they know is no such address.
  const match = 'oifname != "lo" fib daddr type { broadcast, multicast }';
  const isMap = (rule: string): boolean => rule.includes(" vmap ");
  return {
    ...ingress,
    rules: [
      ...ingress.rules.filter(isMap),
      ...denyRules(config, "ingress", match),
      ...ingress.rules.filter((rule) => !isMap(rule)),
    ],
  };
}

const REJECT: readonly string[] = [
  "meta l4proto tcp reject with tcp reset",
  "reject with icmpx admin-prohibited",
];

function auditLog(config: EnforcementConfig, direction: Direction): string[] {
  return config.flows === "none" ? [] : [logStatement(config, "audit", direction)];
}

/** The sets of connections that are cut. They fill and empty while the node runs. */
export function cutSets(): ProgramSet[] {
  return FAMILIES.map((family) => ({
    name: `cut${family}`,
    kind: "set",
    type: `${addressType(family)} . ${addressType(family)} . inet_proto . inet_service . inet_service`,
    interval: false,
    ephemeral: true,
    elements: new Map(),
  }));
}
