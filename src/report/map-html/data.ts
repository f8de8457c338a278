import type { Reachability } from "../../engine/reachability.ts";
import { type PortSet, portSetTokens } from "../../net/port-set.ts";
import { describePortToken } from "../../policy/describe.ts";
import { OUTSIDE_TITLE } from "../map-graph/graph.ts";
import { nodeOf } from "../map-graph/node.ts";
import { stateText } from "../map-graph/words.ts";
import { groupPeers } from "../map-groups.ts";
import { peerNames } from "../map-names.ts";
import { compareCodePoints } from "../order.ts";
import type { PageData, PagePeer, PagePorts } from "./page-data.ts";

/** The map as the page takes it. Equal reachability gives equal data, whatever the order of its parts. */
export function pageData(reach: Reachability): PageData {
  const names = peerNames(reach);
  const incoming = groupPeers(reach, "from");
  const outgoing = groupPeers(reach, "to");
  const peers = [...reach.peers].sort(
    (a, b) => Number(a.kind === "external") - Number(b.kind === "external") || compareCodePoints(a.id, b.id),
  );
  const places = new Map(peers.map((peer, place) => [peer, place]));
  const ports: PagePorts[] = [];
  const portPlaces = new Map<PortSet, number>();
  const placeOf = (set: PortSet): number => {
    let place = portPlaces.get(set);
    if (place === undefined) {
      const tokens = portSetTokens(set);
      place = ports.push({ text: tokens.map(describePortToken).join(", "), tokens }) - 1;
      portPlaces.set(set, place);
    }
    return place;
  };
  const connections = reach.connections
    .map(({ from, to, ports: set, family = 0 }) => ({
      from: places.get(from)!,
      to: places.get(to)!,
      set,
      family,
    }))
    .sort((a, b) => a.from - b.from || a.to - b.to || a.family - b.family)
    .flatMap(({ from, to, set, family }) => [from, to, placeOf(set), family]);
  return {
    peers: peers.map((peer): PagePeer => {
      const node = nodeOf(peer, [], [], names);
      const state = stateText(node);
      return {
        id: peer.id,
        group: peer.kind === "external" ? OUTSIDE_TITLE : peer.workload.namespace,
        name: node.title,
        detail: node.detail,
        ...(state === undefined ? {} : { state }),
        ...(peer.kind === "external" ? { isOutside: true } : {}),
        ...(incoming.get(peer)!.everyone ? { fromEveryone: true } : {}),
        ...(outgoing.get(peer)!.everyone ? { toEveryone: true } : {}),
      };
    }),
    ports,
    connections,
  };
}
