import type { Finding } from "../../../../k8s/finding.ts";
import { describePeer, describePolicy, describePortMatch } from "../../../../policy/describe.ts";
import type { Peer, Policy, PortMatch } from "../../../../policy/policy.ts";
import { type Check, findingOf } from "../../check.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import { listOf } from "../../words.ts";
import { symbolicContainment } from "../containment/symbolic.ts";
import { peersWithinOthers } from "./peers-within-others.ts";
import { peerKey, portKey } from "./policy-key.ts";
import { portsWithinOthers } from "./ports-within-others.ts";

/** Peers and ports of a rule that its other peers and ports say already, whatever pods there are. */
export const redundantParts: Check = {
  codes: ["redundant-peer", "redundant-port"],
  *run({ policies }) {
    const symbolic = symbolicContainment();
    for (const { policy } of policies) {
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          const redundant = peersWithinOthers(rule, symbolic);
          if (redundant.size > 0) {
            for (const [within, peers] of byTarget(redundant)) yield peerFinding(policy, peers, within);
          }
          for (const { port, within } of portsWithinOthers(rule)) yield portFinding(policy, port, within);
        }
      }
    }
  },
};

/** What is within the same peer is told of together, but for copies, which are mistakes of their own. */
function byTarget(found: ReadonlyMap<Peer, Peer>): [Peer, [Peer, ...Peer[]]][] {
  const groups = new Map<Peer, [Peer, ...Peer[]]>();
  const copies: [Peer, [Peer]][] = [];
  for (const [peer, within] of found) {
    const group = groups.get(within);
    if (peerKey(peer) === peerKey(within)) copies.push([within, [peer]]);
    else if (group === undefined) groups.set(within, [peer]);
    else group.push(peer);
  }
  return [...copies, ...groups];
}

const MOST_NAMED = 3;

/** More places than this help nobody. */
const MOST_PLACES = 10;

function peerFinding(policy: Policy, peers: readonly [Peer, ...Peer[]], within: Peer): Finding {
  const { origin } = policy;
  const positions = peers.map(({ path }) => origin.position(path));
  const other = origin.position(within.path);
  const isCopy = peerKey(peers[0]) === peerKey(within);
  const where = other.line === 0 ? "another peer of the rule" : `the peer on line ${other.line}`;
  // There may be thousands, of which few are named.
  const words = listOf(
    peers.map((peer, i) => (i < MOST_NAMED ? describePeer(peer) : "")),
    MOST_NAMED,
  );
  const which = peers.length === 1 ? "this peer" : `${peers.length} peers of this rule`;
  return findingOf("redundant-peer", {
    ...(isCopy ? { severity: "warning" } : {}),
    position: positions[0]!,
    object: describePolicy(policy),
    message: isCopy
      ? `This peer is ${where} once more (${words}): traffic is the same without it.`
      : `Traffic is the same without ${which} (${words}): all that ${peers.length === 1 ? "it matches" : "they match"}, ` +
        `${where} matches too (${describePeer(within)}), whatever pods come.`,
    help: isCopy
      ? "Remove one of them, or correct the one that was to be another."
      : `If it is too wide, remove ${where}. Else remove ${which}.`,
    related: [
      { position: other, message: isCopy ? "the same peer" : "matches all of it" },
      ...positions
        .slice(1, MOST_PLACES)
        .map((position) => ({ position, message: "matches nobody else either" })),
    ],
    // A list of networks must not become empty.
    ...(peers.some(({ path }) => path.includes("networks"))
      ? {}
      : {
          fix: {
            title: "remove what another peer of the rule matches",
            safe: true,
            edits: positions.map((at) => ({ kind: "remove-item", at })),
          },
        }),
  });
}

function portFinding(policy: Policy, port: PortMatch, within: readonly PortMatch[]): Finding {
  const { origin } = policy;
  const position = origin.position(port.path);
  const isCopy = within.length === 1 && portKey(port) === portKey(within[0]!);
  const words = describePortMatch(port);
  return findingOf("redundant-port", {
    ...(isCopy ? { severity: "warning" } : {}),
    position,
    object: describePolicy(policy),
    message: isCopy
      ? `${words} stands twice in this rule: traffic is the same without it.`
      : `Traffic is the same without ${words}: ${listOf(within.map(describePortMatch))} of the same rule ` +
        `${within.length === 1 ? "includes" : "include"} it.`,
    help: isCopy
      ? "Remove one of them, or correct the one that was to be another."
      : "If only this port was meant, remove the wider one. Else remove this one.",
    related: within.map((each) => ({
      position: origin.position(each.path),
      message: isCopy ? "the same port" : `has ${words} in it`,
    })),
    fix: {
      title: `remove ${words}, which is among the other ports`,
      safe: true,
      edits: [{ kind: "remove-item", at: position }],
    },
  });
}
