import type { Cluster } from "../cluster/cluster.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import type { PeerMiss } from "../engine/rule-misses.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import { describePortMatch, describeRule } from "../policy/describe.ts";
import {
  hasInstead,
  missPosition,
  namedPortsText,
  nearestPeerMisses,
  wantedByPeer,
} from "./explain-misses.ts";
import { endId, fileAndLine, peerEnd, podAtEnd, rulePosition, trafficText } from "./explain-words.ts";
import type { Style } from "./style.ts";

const MOST_PEERS = 3;

/** A rule that missed, what of it matches and what does not. `title` says which rule it is. */
export function readingLines(
  explanation: Explanation,
  side: SideExplanation,
  reading: RuleReading,
  title: string,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const here = `     ${style.yellow("<- here")}`;
  const { traffic } = explanation;
  const { policy, rule } = reading;
  const lines = [`${title}  ${style.dim(fileAndLine(rulePosition(reading)))}  ${describeRule(rule)}`];
  if (reading.portMatches) {
    const all = rule.ports === "all" ? " (the rule lists no ports, so all are meant)" : "";
    lines.push(`  port   ${trafficText(traffic)} matches${all}`);
  } else {
    const { wanted, instead } = portMissWords(reading, explanation, cluster);
    lines.push(`  port   ${wanted} wanted, ${instead}${here}`);
  }
  const end = peerEnd(explanation, side);
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  if (reading.peerMatches) lines.push(`  peer   ${id} matches`);
  const misses = nearestPeerMisses(reading.peerMisses);
  for (const miss of misses.slice(0, MOST_PEERS)) {
    const { wanted, instead } = peerMissWords(explanation, side, miss, cluster);
    const place = misses.length > 1 ? `  ${style.dim(`line ${missPosition(policy, miss).line}`)}` : "";
    lines.push(`  peer   ${wanted} wanted, ${instead}${place}${here}`);
  }
  const more = misses.length - MOST_PEERS;
  if (more > 0) lines.push(`  and ${more} more ${more === 1 ? "peer" : "peers"} of the rule`);
  return lines;
}

/** What a rule asks for, `server=api`, and what there is instead, `shop/web has server=web`. */
export interface MissWords {
  readonly wanted: string;
  readonly instead: string;
}

/** Why a peer of a rule does not match. */
export function peerMissWords(
  explanation: Explanation,
  side: SideExplanation,
  miss: PeerMiss,
  cluster: Cluster | undefined,
): MissWords {
  const end = peerEnd(explanation, side);
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  const ofNamespace = miss.why === "namespace-labels" && miss.podUnmet.length === 0;
  const namespace = ofNamespace && pod !== undefined ? `namespace ${pod.namespace}` : id;
  const subject = miss.why === "node-labels" ? `node ${miss.node}` : namespace;
  const has = hasInstead(miss, end, explanation.family, cluster);
  return { wanted: wantedByPeer(miss), instead: stateInstead(miss, subject, has) };
}

/** Why no port of a rule matches: `TCP 3306 or UDP 53`, `this is TCP 80`; `what` is what it is, in words. */
export function portMissWords(
  { portMisses }: RuleReading,
  { traffic, to }: Explanation,
  cluster: Cluster | undefined,
  what: string = trafficText(traffic),
): MissWords {
  const id = podAtEnd(to, cluster)?.id ?? endId(to);
  const instead = `this is ${what}`;
  const [only, second] = portMisses;
  const meaning = only === undefined ? undefined : namedPortsText(only);
  if (only !== undefined && second === undefined && meaning !== undefined) {
    return {
      wanted: describePortMatch(only.match),
      instead: `which is ${meaning} on ${id}; ${instead}`,
    };
  }
  const wanted = portMisses.slice(0, MOST_PEERS).map((miss) => {
    const means = namedPortsText(miss);
    const note = means === undefined ? PORT_MISS_WORDS[miss.why] : ` (${means} on ${id})`;
    return `${describePortMatch(miss.match)}${note}`;
  });
  const more = portMisses.length - wanted.length;
  if (more > 0) wanted.push(`${more} more`);
  return { wanted: wanted.join(" or "), instead };
}

const PORT_MISS_WORDS = {
  protocol: "",
  number: "",
  "name-unknown": " (the pod has no port of that name)",
  "name-not-a-pod": " (only a pod has named ports)",
} as const;

/** `shop/frontend has server=web`, `192.168.5.7 is not in it`. */
function stateInstead({ why }: PeerMiss, subject: string, has: string): string {
  switch (why) {
    case "pod-labels":
    case "namespace-labels":
      return `${subject} has ${has}`;
    case "other-namespace":
      return `${subject} is in ${has}`;
    case "host-network":
      return `${subject} is on ${has}`;
    case "not-a-pod":
      return `${subject} is no pod`;
    case "node-labels":
      return `${subject} has ${has}`;
    case "not-a-node":
      return `${has} is the address of no node`;
    case "unresolved":
      return "but names are not resolved to addresses here, so they match nothing";
    case "excepted":
      return `${has} is in it`;
    case "outside-block":
      return `${has} is not in it`;
    case "other-family":
      return `${has} is of the other address family`;
  }
}
