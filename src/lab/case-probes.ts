import { samplePairs } from "../analysis/assertions/case-pairs.ts";
import type { JudgedCase } from "../analysis/assertions/judge-case.ts";
import type { End } from "../engine/end.ts";
import { type EnforcedPorts, enforcedPorts } from "../engine/enforced-ports.ts";
import type { Engine } from "../engine/engine.ts";
import { type Address, addressKey, type Family, formatAddress } from "../net/address.ts";
import { type PortSet, portSetHas, TRANSPORT_PROTOCOLS, type Traffic } from "../net/port-set.ts";
import type { MeasuredProbe } from "./lab.ts";
import { type PlannedProbe, unmentionedPort } from "./plan.ts";
import { unusableAddress } from "./topology.ts";

/** What packets said of a case. */
export interface MeasuredCase {
  readonly probes: readonly MeasuredProbe[];
  /** Those that came out otherwise than the case expects, or than the engine says. */
  readonly wrong: readonly MeasuredProbe[];
  /** Pairs of the sample that no lab can have, as of a loopback address. */
  readonly leftOut: number;
}

/** The packets of all cases, and the hosts outside of the cluster that they need. */
export interface CasePlan {
  readonly externals: readonly Address[];
  readonly cases: readonly PlannedCase[];
}

interface PlannedCase {
  readonly probes: readonly PlannedProbe[];
  readonly leftOut: number;
}

/** How many pairs of ends of a case packets are sent between, and how many packets for each. */
const MOST_PAIRS = 24;
const MOST_PACKETS = 5;

/** Plans packets for each case: between all its ends where they are few, else between some of every kind. */
export function planCases(engine: Engine, cases: readonly JudgedCase[]): CasePlan {
  const externals = new Map<number | bigint, Address>();
  const passing = enforcedPorts(engine);
  const free = unmentionedPort(engine);
  const planned = cases.map((judged): PlannedCase => {
    const probes: PlannedProbe[] = [];
    let leftOut = 0;
    for (const { from, to, family, wanted } of samplePairs(engine, judged, MOST_PAIRS)) {
      if (!isPossible(engine, from, to)) {
        leftOut++;
        continue;
      }
      for (const end of [from, to]) {
        if (end.kind === "address" && engine.addresses.nodeAt(end.address) === undefined)
          externals.set(addressKey(end.address), end.address);
      }
      for (const traffic of packetsOf(wanted, to, free)) {
        probes.push(probeOf(from, to, family, traffic, passing));
      }
    }
    return { probes, leftOut };
  });
  return { externals: [...externals.values()], cases: planned };
}

/** False for addresses that Linux routes nowhere, and for nodes as senders: theirs is not the address that was meant. */
function isPossible(engine: Engine, from: End, to: End): boolean {
  if (from.kind === "address" && engine.addresses.nodeAt(from.address) !== undefined) return false;
  return [from, to].every((end) => {
    if (end.kind === "pod") return true;
    const node = engine.addresses.nodeAt(end.address);
    if (node === undefined) return unusableAddress(formatAddress(end.address)) === undefined;
    // In the lab a node has only the first of its addresses of each family.
    const { family, value } = end.address;
    const first = engine.nodes.get(node)?.addresses.find((address) => address.family === family);
    return first?.value === value;
  });
}

/** A few packets of a set: to ports that the destination serves, to the ends of ranges, and one of ICMP. */
function packetsOf(wanted: PortSet, to: End, free: number): Traffic[] {
  const packets = new Map<string, Traffic>();
  const add = (traffic: Traffic): void => {
    if (portSetHas(wanted, traffic)) packets.set(`${traffic.protocol} ${traffic.port}`, traffic);
  };
  for (const { protocol, port } of to.kind === "pod" ? to.pod.ports.slice(0, 2) : []) add({ protocol, port });
  add({ protocol: "other" });
  add({ protocol: "TCP", port: free });
  for (const protocol of TRANSPORT_PROTOCOLS) {
    // Whole protocols are tried by the port that nobody mentions.
    for (const port of wanted[protocol].slice(0, 4))
      if (port !== 1 && port !== 65535) add({ protocol, port });
  }
  const [first] = TRANSPORT_PROTOCOLS.filter((protocol) => wanted[protocol].length > 0);
  if (packets.size === 0 && first !== undefined) add({ protocol: first, port: wanted[first][0]! });
  return [...packets.values()].slice(0, MOST_PACKETS);
}

function probeOf(from: End, to: End, family: Family, traffic: Traffic, passing: EnforcedPorts): PlannedProbe {
  const address = to.kind === "pod" ? to.pod.addresses[family]! : to.address;
  return {
    from: nameOf(from),
    to: nameOf(to),
    address: formatAddress(address),
    family,
    protocol: traffic.protocol === "other" ? "ICMP" : traffic.protocol,
    ...(traffic.protocol === "other" ? {} : { port: traffic.port }),
    predicted: portSetHas(passing(from, to, family), traffic) ? "allow" : "deny",
  };
}

function nameOf(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}

/** What the probes of a case say of it. */
export function measuredCase(
  { assertion: { expect } }: JudgedCase,
  { leftOut }: PlannedCase,
  probes: readonly MeasuredProbe[],
): MeasuredCase {
  const isWrong = ({ measured, predicted }: MeasuredProbe): boolean =>
    measured !== expect || measured !== predicted;
  return { probes, wrong: probes.filter(isWrong), leftOut };
}
