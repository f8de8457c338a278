// Canonical sets of (protocol, port). Equal sets are the same object, so that they compare by identity, serve as
// keys, and the results of operations on them can be remembered.
import {
  intersectRanges,
  type PortRanges,
  rangesHave,
  rangesWithin,
  subtractRanges,
  unionRanges,
} from "./port-ranges.ts";

/** The protocols that have ports, in the order in which everything lists them. */
export const TRANSPORT_PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;

export type Transport = (typeof TRANSPORT_PROTOCOLS)[number];

/** What a packet is, seen by a policy: a protocol with a port, or `other`, every other protocol (ICMP, GRE, ...). */
export type Traffic =
  | { readonly protocol: Transport; readonly port: number }
  | { readonly protocol: "other"; readonly port?: undefined };

export const MIN_PORT = 1;
export const MAX_PORT = 65535;

/** A set of (protocol, port) pairs, ports 1-65535, and whether every other protocol is in it as a whole. */
export interface PortSet {
  /** Small integer, unique among the sets of this process. */
  readonly id: number;
  /** Canonical text: the tokens of {@link formatPortSet} joined by commas, empty for the empty set. */
  readonly key: string;
  readonly TCP: PortRanges;
  readonly UDP: PortRanges;
  readonly SCTP: PortRanges;
  readonly other: boolean;
}

/** By hash: a set, or the few that share it. Texts as keys would weigh more than the sets. */
const interned = new Map<number, PortSet | PortSet[]>();
let internedCount = 0;
const everyPort: PortRanges = [MIN_PORT, MAX_PORT];

function intern(TCP: PortRanges, UDP: PortRanges, SCTP: PortRanges, other: boolean): PortSet {
  const isIt = (set: PortSet): boolean =>
    set.other === other && sameRanges(set.TCP, TCP) && sameRanges(set.UDP, UDP) && sameRanges(set.SCTP, SCTP);
  const hash = hashOf(SCTP, hashOf(UDP, hashOf(TCP, other ? 1 : 2)));
  const known = interned.get(hash);
  if (known === undefined) {
    const set = new InternedPortSet(internedCount++, TCP, UDP, SCTP, other);
    interned.set(hash, set);
    return set;
  }
  if (!Array.isArray(known)) {
    if (isIt(known)) return known;
  } else {
    const found = known.find(isIt);
    if (found !== undefined) return found;
  }
  const set = new InternedPortSet(internedCount++, TCP, UDP, SCTP, other);
  interned.set(hash, Array.isArray(known) ? [...known, set] : [known, set]);
  return set;
}

/** FNV-1a over the numbers, in 30 bits, which V8 keeps without a box. */
function hashOf(ranges: PortRanges, seed: number): number {
  let hash = Math.imul(seed ^ ranges.length, 16777619);
  for (let i = 0; i < ranges.length; i++) hash = Math.imul(hash ^ ranges[i]!, 16777619);
  return hash & 0x3fff_ffff;
}

function sameRanges(a: PortRanges, b: PortRanges): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Its text is made when somebody asks for it: most sets are steps on the way to others. */
class InternedPortSet implements PortSet {
  readonly id: number;
  readonly TCP: PortRanges;
  readonly UDP: PortRanges;
  readonly SCTP: PortRanges;
  readonly other: boolean;
  #key: string | undefined;

  constructor(id: number, TCP: PortRanges, UDP: PortRanges, SCTP: PortRanges, other: boolean) {
    this.id = id;
    this.TCP = TCP;
    this.UDP = UDP;
    this.SCTP = SCTP;
    this.other = other;
  }

  get key(): string {
    this.#key ??= tokens(this.TCP, this.UDP, this.SCTP, this.other).join(",");
    return this.#key;
  }
}

/** Nothing. */
export const NO_PORTS: PortSet = intern([], [], [], false);

/** Every protocol and port. */
export const ALL_PORTS: PortSet = intern(everyPort, everyPort, everyPort, true);

/** Every protocol that has no ports, as far as policies are concerned: all but TCP, UDP and SCTP. */
export const OTHER_PROTOCOLS: PortSet = intern([], [], [], true);

/** Ports `first` to `last` of one protocol. Both must be within 1-65535, `first` not above `last`. */
export function portRange(protocol: Transport, first: number, last: number = first): PortSet {
  if (!(first >= MIN_PORT && last <= MAX_PORT && first <= last)) {
    throw new RangeError(`port range ${first}-${last} is not within ${MIN_PORT}-${MAX_PORT}`);
  }
  const range = [first, last];
  return intern(
    protocol === "TCP" ? range : [],
    protocol === "UDP" ? range : [],
    protocol === "SCTP" ? range : [],
    false,
  );
}

/** Every port of one protocol, and no other protocol. */
export function wholeProtocol(protocol: Transport): PortSet {
  return portRange(protocol, MIN_PORT, MAX_PORT);
}

/** True if the packet's protocol and port are in the set. */
export function portSetHas(set: PortSet, traffic: Traffic): boolean {
  if (set === NO_PORTS) return false;
  if (set === ALL_PORTS) return true;
  switch (traffic.protocol) {
    case "TCP":
      return rangesHave(set.TCP, traffic.port);
    case "UDP":
      return rangesHave(set.UDP, traffic.port);
    case "SCTP":
      return rangesHave(set.SCTP, traffic.port);
    case "other":
      return set.other;
  }
}

type Operation = (a: PortSet, b: PortSet) => PortSet;

/** Remembers results: the sets of a cluster are few, and met again and again. */
function remembered(compute: Operation): Operation {
  /** By the id of the one set, then of the other: small integers, which make the fastest keys. */
  let results: (Map<number, PortSet> | undefined)[] = [];
  let size = 0;
  return (a, b) => {
    let ofA = results[a.id];
    let result = ofA?.get(b.id);
    if (result === undefined) {
      result = compute(a, b);
      if (++size > 1_000_000) {
        results = [];
        ofA = undefined;
        size = 1;
      }
      if (ofA === undefined) {
        ofA = new Map();
        results[a.id] = ofA;
      }
      ofA.set(b.id, result);
    }
    return result;
  };
}

const computeUnion = remembered((a, b) =>
  intern(
    unionRanges(a.TCP, b.TCP),
    unionRanges(a.UDP, b.UDP),
    unionRanges(a.SCTP, b.SCTP),
    a.other || b.other,
  ),
);

const computeIntersection = remembered((a, b) =>
  intern(
    intersectRanges(a.TCP, b.TCP),
    intersectRanges(a.UDP, b.UDP),
    intersectRanges(a.SCTP, b.SCTP),
    a.other && b.other,
  ),
);

const computeDifference = remembered((a, b) =>
  intern(
    subtractRanges(a.TCP, b.TCP),
    subtractRanges(a.UDP, b.UDP),
    subtractRanges(a.SCTP, b.SCTP),
    a.other && !b.other,
  ),
);

/** What is in `a` or in `b`. */
export function unionPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || b === NO_PORTS || a === ALL_PORTS) return a;
  if (a === NO_PORTS || b === ALL_PORTS) return b;
  // The older set first: sets that are written in policies are few, sums of them many.
  return a.id < b.id ? computeUnion(a, b) : computeUnion(b, a);
}

/** What is in both. */
export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || b === ALL_PORTS || a === NO_PORTS) return a;
  if (a === ALL_PORTS || b === NO_PORTS) return b;
  return a.id < b.id ? computeIntersection(a, b) : computeIntersection(b, a);
}

/** What is in `a` and not in `b`. */
export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  if (a === b || a === NO_PORTS || b === ALL_PORTS) return NO_PORTS;
  if (b === NO_PORTS) return a;
  return computeDifference(a, b);
}

/** True if everything in `inner` is in `outer`. */
export function portsWithin(inner: PortSet, outer: PortSet): boolean {
  // Without making the difference, which would stay in memory: some ask this of many pairs.
  return (
    inner === outer ||
    ((outer.other || !inner.other) &&
      rangesWithin(inner.TCP, outer.TCP) &&
      rangesWithin(inner.UDP, outer.UDP) &&
      rangesWithin(inner.SCTP, outer.SCTP))
  );
}

/** True if everything in `inner` is in one or another of the sets. Their sum is not made: it would stay in memory. */
export function portsCovered(inner: PortSet, outers: readonly PortSet[]): boolean {
  return (
    (!inner.other || outers.some(({ other }) => other)) &&
    TRANSPORT_PROTOCOLS.every((protocol) => {
      let left = inner[protocol];
      for (let i = 0; i < outers.length && left.length > 0; i++) {
        const outer = outers[i]![protocol];
        if (outer.length > 0) left = subtractRanges(left, outer);
      }
      return left.length === 0;
    })
  );
}

/** True if the set is all of a protocol, without regard to the others. */
export function isWholeProtocol(ranges: PortRanges): boolean {
  return ranges.length === 2 && ranges[0] === MIN_PORT && ranges[1] === MAX_PORT;
}

/**
 * The set as tokens, sorted and canonical: `["all"]`, or `TCP/3306`, `UDP/1-53`, then `other`. Empty for the
 * empty set. This is the form of the JSON outputs.
 */
export function portSetTokens(set: PortSet): string[] {
  return set === ALL_PORTS ? ["all"] : tokens(set.TCP, set.UDP, set.SCTP, set.other);
}

function tokens(TCP: PortRanges, UDP: PortRanges, SCTP: PortRanges, other: boolean): string[] {
  const list: string[] = [];
  for (const [protocol, ranges] of [
    ["TCP", TCP],
    ["UDP", UDP],
    ["SCTP", SCTP],
  ] as const) {
    for (let i = 0; i < ranges.length; i += 2) {
      const first = ranges[i]!;
      const last = ranges[i + 1]!;
      list.push(first === last ? `${protocol}/${first}` : `${protocol}/${first}-${last}`);
    }
  }
  if (other) list.push("other");
  return list;
}

/** Reads the tokens of {@link portSetTokens} back. Throws a RangeError on a token that is none. */
export function portSetFromTokens(list: readonly string[]): PortSet {
  let set = NO_PORTS;
  for (const token of list) {
    if (token === "all") return ALL_PORTS;
    if (token === "other") {
      set = unionPorts(set, OTHER_PROTOCOLS);
      continue;
    }
    const match = /^(TCP|UDP|SCTP)\/(\d{1,5})(?:-(\d{1,5}))?$/.exec(token);
    if (match === null) throw new RangeError(`not a port token: ${token}`);
    const first = Number(match[2]);
    set = unionPorts(set, portRange(match[1] as Transport, first, Number(match[3] ?? first)));
  }
  return set;
}
