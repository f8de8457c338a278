import type { PodsPeer, Reachability } from "../engine/reachability.ts";
import { auditedMapText } from "./audit-text.ts";
import { groupPeers, type PeerGroup, type PeerGroups } from "./map-groups.ts";
import { type PeerNames, peerNames, portsText } from "./map-names.ts";
import type { Style } from "./style.ts";

/** A line of the map: name, state, and who. Empty where the line above says it. */
interface Row {
  readonly name: string;
  readonly state: string;
  readonly colour: "green" | "yellow" | "cyan" | "dim";
  readonly text: string;
}

/**
 * Who can reach whom, for a person: namespace by namespace, then outside, then a summary and a note about policies in
 * audit mode (`Kind name`). Ends with a line break.
 */
export function mapText(reach: Reachability, style: Style, audited: readonly string[] = []): string {
  const names = peerNames(reach);
  const incoming = groupPeers(reach, "from");
  const outgoing = groupPeers(reach, "to");
  const sections = new Map<string, Row[]>();
  const pods = reach.peers.filter((peer) => peer.kind !== "external");
  for (const peer of pods) {
    const { namespace } = peer.workload;
    const rows = sections.get(namespace) ?? [];
    rows.push(...podsRows(peer, incoming.get(peer)!, outgoing.get(peer)!, names));
    sections.set(namespace, rows);
  }
  const outside: Row[] = [];
  for (const peer of reach.peers) {
    if (peer.kind !== "external") continue;
    const texts = groupTexts(incoming.get(peer)!, "reached by", undefined, names);
    outside.push(...rowsOf(names.local(peer), "", "dim", texts.length > 0 ? texts : ["reached by nobody"]));
  }

  const lines: string[] = [];
  const widths = widthsOf([...sections.values()].flat());
  for (const [title, rows] of sections) addSection(lines, title, rows, widths, style);
  if (outside.length > 0) addSection(lines, "outside the cluster", outside, widthsOf(outside), style);
  lines.push(summary(pods, incoming), "");
  const note = auditedMapText(audited);
  if (note !== undefined) lines.push(style.yellow(note), "");
  return lines.join("\n");
}

interface Widths {
  readonly name: number;
  readonly state: number;
}

/** The columns for rows that are to line up. There can be more rows than a function can have arguments. */
function widthsOf(rows: readonly Row[]): Widths {
  let name = 8;
  let state = 0;
  for (const row of rows) {
    name = Math.max(name, row.name.length);
    state = Math.max(state, row.state.length);
  }
  return { name, state };
}

function addSection(
  lines: string[],
  title: string,
  rows: readonly Row[],
  widths: Widths,
  style: Style,
): void {
  lines.push(style.bold(title));
  for (const { name, state, colour, text } of rows) {
    const cells = widths.state === 0 ? [] : [style[colour](state.padEnd(widths.state))];
    lines.push(["", name.padEnd(widths.name), ...cells, text].join("  "));
  }
  lines.push("");
}

function podsRows(peer: PodsPeer, incoming: PeerGroups, outgoing: PeerGroups, names: PeerNames): Row[] {
  const name = names.local(peer);
  const { namespace } = peer.workload;
  const from = groupTexts(incoming, "from", namespace, names);
  const texts = from.length > 0 ? from : ["from nobody"];
  let rows: Row[];
  if (peer.kind === "node-pod") rows = rowsOf(name, "node network", "dim", texts);
  else if (peer.isolated.ingress) rows = rowsOf(name, "isolated", "green", texts);
  else if (peer.limited.ingress) rows = rowsOf(name, "limited", "cyan", texts);
  else rows = rowsOf(name, "open", "yellow", texts);
  if (peer.isolated.egress || peer.limited.egress) {
    const groups = groupTexts(outgoing, "to", namespace, names);
    const to = groups.length > 0 ? groups : ["to nobody"];
    if (peer.isolated.egress) rows.push(...rowsOf("", "egress isolated", "green", to));
    else rows.push(...rowsOf("", "egress limited", "cyan", to));
  }
  return rows;
}

function rowsOf(name: string, state: string, colour: Row["colour"], texts: readonly string[]): Row[] {
  return texts.map((text, index) =>
    index === 0 ? { name, state, colour, text } : { name: "", state: "", colour, text },
  );
}

function groupTexts(
  { everyone, groups }: PeerGroups,
  preposition: string,
  namespace: string | undefined,
  names: PeerNames,
): string[] {
  if (everyone) return [`${preposition} everyone`];
  return groups.map(
    (group) => `${preposition} ${names.list(group.peers, namespace)}: ${portsAndFamily(group)}`,
  );
}

function portsAndFamily({ ports, family }: PeerGroup): string {
  return family === undefined ? portsText(ports) : `${portsText(ports)} (IPv${family} only)`;
}

function summary(pods: readonly PodsPeer[], incoming: ReadonlyMap<unknown, PeerGroups>): string {
  const what = pods.some((peer) => peer.id === peer.workload.id) || pods.length === 0 ? "workload" : "pod";
  const ingress = pods.filter((peer) => peer.isolated.ingress).length;
  const egress = pods.filter((peer) => peer.isolated.egress).length;
  const limited = pods.filter((peer) => peer.limited.ingress || peer.limited.egress).length;
  const open = pods.filter((peer) => incoming.get(peer)?.everyone === true).length;
  const onNodes = pods.filter((peer) => peer.kind === "node-pod").length;
  const nodes =
    onNodes === 0
      ? ""
      : `; ${onNodes} on the network of ${onNodes === 1 ? "its node" : "their nodes"}, where no policy limits ${onNodes === 1 ? "it" : "them"}`;
  return (
    `${pods.length} ${pods.length === 1 ? what : `${what}s`}: ${ingress} isolated for ingress, ` +
    `${egress} for egress; ${limited === 0 ? "" : `${limited} limited by rules of Admin or Baseline; `}` +
    `${open} reachable by everyone on every port${nodes}`
  );
}
