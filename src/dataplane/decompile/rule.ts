import type { Family } from "../../net/address.ts";
import {
  MAX_PORT,
  OTHER_PROTOCOLS,
  type PortSet,
  portRange,
  type Transport,
  wholeProtocol,
} from "../../net/port-set.ts";

/** What a rule asks of a packet. */
export type RuleMatch =
  /** An address is in a set, of addresses or of ranges; or, negated, in none of it. */
  | {
      readonly kind: "address";
      readonly family: Family;
      readonly side: "saddr" | "daddr";
      readonly set: string;
      readonly isRange: boolean;
      readonly isNegated: boolean;
    }
  | { readonly kind: "ports"; readonly ports: PortSet }
  | { readonly kind: "port-set"; readonly set: string }
  /** Both ends are the same local pod, which the frame's set of these tells. */
  | { readonly kind: "self" }
  /** Something that a chain of the frame may ask, and that neither an address nor a port decides. */
  | { readonly kind: "other"; readonly text: string };

export type RuleVerdict =
  | { readonly kind: "accept" | "deny" | "return" }
  | { readonly kind: "goto" | "jump"; readonly chain: string }
  | { readonly kind: "vmap"; readonly map: string }
  /** Looks the destination port up, with its protocol. */
  | { readonly kind: "port-vmap"; readonly map: string };

/** A rule of a program, understood. */
export interface ParsedRule {
  readonly matches: readonly RuleMatch[];
  /** True if a limit decides which packets go on to what stands behind it. */
  readonly isLimited: boolean;
  /** Undefined for a rule that only counts or logs. */
  readonly verdict: RuleVerdict | undefined;
}

/** Reads what stands at the place of `lastIndex`, and moves it on; undefined if something else stands there. */
type Part<T> = readonly [pattern: RegExp, read: (groups: readonly string[]) => T | undefined];

const NAME = "[A-Za-z0-9_.-]+";
const IP = "(ip6?)";

const MATCHES: readonly Part<RuleMatch>[] = [
  [
    new RegExp(`${IP} (saddr|daddr)( \\. meta l4proto)?( !=)? @(${NAME})`, "y"),
    ([, ip, side, range, not, set]) => ({
      kind: "address",
      family: ip === "ip" ? 4 : 6,
      side: side as "saddr" | "daddr",
      set: set!,
      isRange: range !== undefined,
      isNegated: not !== undefined,
    }),
  ],
  [/(tcp|udp|sctp) dport (\d+)(?:-(\d+))?/y, ([, protocol, first, last]) => portsOf(protocol!, first!, last)],
  [
    /meta l4proto (tcp|udp|sctp)/y,
    ([, protocol]) => ({ kind: "ports", ports: wholeProtocol(transport(protocol!)) }),
  ],
  [/meta l4proto != \{ tcp, udp, sctp \}/y, () => ({ kind: "ports", ports: OTHER_PROTOCOLS })],
  [new RegExp(`meta l4proto \\. th dport @(${NAME})`, "y"), ([, set]) => ({ kind: "port-set", set: set! })],
  [/ip saddr \. ip daddr @self4|ip6 saddr \. ip6 daddr @self6/y, () => ({ kind: "self" })],
  [
    new RegExp(
      `${IP} [sd]addr \\. ip6? [sd]addr(?: \\. meta l4proto \\. th [sd]port \\. th [sd]port)? @${NAME}`,
      "y",
    ),
    ([text]) => ({ kind: "other", text: text! }),
  ],
  [/ct state [a-z,]+/y, ([text]) => ({ kind: "other", text: text! })],
  [/oifname != "lo"/y, ([text]) => ({ kind: "other", text: text! })],
  [/fib daddr type \{ broadcast, multicast \}/y, ([text]) => ({ kind: "other", text: text! })],
  [/fib [sd]addr type (?:!= )?local/y, ([text]) => ({ kind: "other", text: text! })],
  [/icmpv6 type \{ [a-z, -]+ \}/y, ([text]) => ({ kind: "other", text: text! })],
];

type Statement = "limit" | "log" | "counter";

const STATEMENTS: readonly Part<Statement>[] = [
  [/limit rate \d+\/[a-z]+ burst \d+ packets/y, () => "limit"],
  [/log prefix "[^"]*" group \d+(?: snaplen \d+)?/y, () => "log"],
  [/counter/y, () => "counter"],
];

const VERDICTS: readonly Part<RuleVerdict>[] = [
  [/accept/y, () => ({ kind: "accept" })],
  [/return/y, () => ({ kind: "return" })],
  [/drop|reject with (?:tcp reset|icmpx admin-prohibited)/y, () => ({ kind: "deny" })],
  [
    new RegExp(`(goto|jump) (${NAME})`, "y"),
    ([, kind, chain]) => ({ kind: kind as "goto" | "jump", chain: chain! }),
  ],
  [
    new RegExp(`meta l4proto \\. th dport vmap @(${NAME})`, "y"),
    ([, map]) => ({ kind: "port-vmap", map: map! }),
  ],
  [new RegExp(`${IP} [sd]addr vmap @(${NAME})`, "y"), ([, , map]) => ({ kind: "vmap", map: map! })],
];

const COMMENTS: readonly Part<true>[] = [[/comment "[^"]*"/y, () => true]];

const parsed = new Map<string, ParsedRule | undefined>();
const MOST_REMEMBERED = 100_000;

/** Reads the text of a rule; undefined for one that is not written in the grammar of programs. */
export function parseRule(text: string): ParsedRule | undefined {
  if (parsed.has(text)) return parsed.get(text);
  if (parsed.size >= MOST_REMEMBERED) parsed.clear();
  const rule = readRule(text);
  parsed.set(text, rule);
  return rule;
}

function readRule(text: string): ParsedRule | undefined {
  let at = 0;
  const next = <T>(parts: readonly Part<T>[]): T | undefined => {
    for (const [pattern, read] of parts) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      // The whole of a word, and not its beginning.
      if (found === null || (pattern.lastIndex < text.length && text[pattern.lastIndex] !== " ")) continue;
      const value = read(found);
      if (value === undefined) continue;
      at = pattern.lastIndex + 1;
      return value;
    }
    return undefined;
  };
  const all = <T>(parts: readonly Part<T>[]): T[] => {
    const values: T[] = [];
    for (let value = next(parts); value !== undefined; value = next(parts)) values.push(value);
    return values;
  };
  const matches = all(MATCHES);
  const statements = all(STATEMENTS);
  const verdict = next(VERDICTS);
  next(COMMENTS);
  if (at <= text.length) return undefined;
  return { matches, isLimited: statements.includes("limit"), verdict };
}

function transport(protocol: string): Transport {
  return protocol.toUpperCase() as Transport;
}

/** Port 0, which no port set has, is only matched along with its whole protocol: a range that says else is not ours. */
function portsOf(protocol: string, first: string, last: string = first): RuleMatch | undefined {
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to > MAX_PORT || from > to || (from === 1 && to === MAX_PORT)) return undefined;
  return { kind: "ports", ports: portRange(transport(protocol), from, to) };
}
