import { type Program, type ProgramSet, TABLE } from "../../src/dataplane/program/program.ts";

/** One thing of a loaded table broken by hand. */
export interface Break {
  readonly what: string;
  /** Commands of nft that break it. */
  readonly script: string;
}

interface ListedRule {
  readonly chain: string;
  readonly handle: number;
}

/**
 * Every way to break one thing of the table: each element gone or with another verdict, a stray one in each set, each
 * rule gone, replaced, or overruled by one in front of it, each hook, and things that do not belong there.
 *
 * @param listed What `nft -j list table` prints, for the handles of the rules.
 */
export function breaksOf(program: Program, listed: string): Break[] {
  const handles = new Map<string, number[]>();
  for (const { rule } of (JSON.parse(listed) as { nftables: { rule?: ListedRule }[] }).nftables) {
    if (rule !== undefined) handles.set(rule.chain, [...(handles.get(rule.chain) ?? []), rule.handle]);
  }
  return [
    ...[...program.sets.values()].filter((set) => set.ephemeral !== true).flatMap(breaksOfSet),
    ...[...program.chains.values()].flatMap((chain) => [
      ...chain.rules.flatMap((rule, i) => breaksOfRule(chain.name, rule, i, handles.get(chain.name)![i]!)),
      ...breaksOfHook(chain.name, chain.hook),
    ]),
    ...strangers(),
  ];
}

function breaksOfSet(set: ProgramSet): Break[] {
  const breaks: Break[] = [];
  const at = `element ${TABLE} ${set.name}`;
  for (const [element, verdict] of set.elements) {
    const deletion = `delete ${at} { ${element} }`;
    breaks.push({ what: `${set.name} without ${element}`, script: deletion });
    if (set.kind === "set") continue;
    for (const other of ["accept", "drop", "goto ingress"]) {
      // The chain ingress asks the map of ingress: a loop.
      if (other === verdict || (other === "goto ingress" && set.name.startsWith("ingress"))) continue;
      breaks.push({
        what: `${set.name}: ${element} : ${other}, not ${verdict}`,
        script: `${deletion}\nadd ${at} { ${element} : ${other} }`,
      });
    }
  }
  for (const stray of straysFor(set)) {
    if (set.elements.has(stray)) continue;
    const element = set.kind === "map" ? `${stray} : accept` : stray;
    breaks.push({ what: `${set.name} with ${stray}`, script: `add ${at} { ${element} }` });
  }
  return breaks;
}

function straysFor(set: ProgramSet): string[] {
  switch (set.type.replace(" : verdict", "")) {
    case "ipv4_addr":
      return ["203.0.113.77"];
    case "ipv6_addr":
      return ["2001:db8:7::77"];
    case "ipv4_addr . ipv4_addr":
      return ["203.0.113.77 . 203.0.113.77"];
    case "ipv6_addr . ipv6_addr":
      return ["2001:db8:7::77 . 2001:db8:7::77"];
    case "inet_proto . inet_service":
      return isCovered(set, "tcp", 4711) ? [] : ["tcp . 4711"];
    default:
      // A range that overlaps another is refused by the kernel: ranges have no strays, but ones of other protocols.
      return [];
  }
}

function isCovered(set: ProgramSet, protocol: string, port: number): boolean {
  return [...set.elements.keys()].some((element) => {
    const [own, range] = element.split(" . ") as [string, string];
    const [first, last = first] = range.split("-").map(Number) as [number, number?];
    return own === protocol && first <= port && port <= last;
  });
}

/** Rules that come before others, in turn: one that opens, one that closes, and one of a grammar that is not ours. */
const FRONTS: readonly string[] = ["accept", "tcp dport 4711 drop", "meta mark 7 accept"];

function breaksOfRule(chain: string, rule: string, place: number, handle: number): Break[] {
  const other = /\b(?:drop|deny_\w+)$/.test(rule.replace(/ comment ".*"$/, "")) ? "accept" : "drop";
  const front = FRONTS[place % FRONTS.length]!;
  return [
    { what: `${chain} without "${rule}"`, script: `delete rule ${TABLE} ${chain} handle ${handle}` },
    {
      what: `${chain}: "counter ${other}", not "${rule}"`,
      script: `replace rule ${TABLE} ${chain} handle ${handle} counter ${other}`,
    },
    {
      what: `${chain} with "${front}" before "${rule}"`,
      script: `insert rule ${TABLE} ${chain} handle ${handle} ${front}`,
    },
  ];
}

function breaksOfHook(chain: string, hook: string | undefined): Break[] {
  if (hook === undefined) return [];
  return [
    { what: `${chain} with policy drop`, script: `add chain ${TABLE} ${chain} { policy drop; }` },
    {
      what: `${chain} with another priority`,
      script: [
        `flush chain ${TABLE} ${chain}`,
        `delete chain ${TABLE} ${chain}`,
        `add chain ${TABLE} ${chain} { type filter hook ${hook} priority 10; policy accept; }`,
      ].join("\n"),
    },
  ];
}

function strangers(): Break[] {
  return [
    { what: "a chain that nothing leads to", script: `add chain ${TABLE} leftover` },
    { what: "a set that nothing asks", script: `add set ${TABLE} peers_leftover { type ipv4_addr; }` },
    {
      what: "a base chain of somebody else",
      script: `add chain ${TABLE} before { type filter hook prerouting priority -300; policy accept; }\nadd rule ${TABLE} before counter notrack`,
    },
    { what: "a counter", script: `add counter ${TABLE} somebodys` },
    { what: "a dormant table", script: `add table ${TABLE} { flags dormant; }` },
    { what: "no table", script: `delete table ${TABLE}` },
  ];
}
