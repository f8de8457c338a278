import type { LabelSelector } from "../k8s/objects.ts";
import { formatSelector } from "../k8s/selector.ts";
import { formatCidr } from "../net/cidr.ts";
import { portSetTokens } from "../net/port-set.ts";
import type { Peer, PodSelection, Policy, PortMatch, Rule } from "./policy.ts";

function isEmptySelector(selector: LabelSelector): boolean {
  return formatSelector(selector) === "";
}

/** `NetworkPolicy shop/db-policy`. */
export function describePolicy(policy: Policy): string {
  return `${policy.kind} ${policy.id}`;
}

/** `pods server=api of namespace shop`, `every pod of namespaces team=team-a`. */
export function describePods(selection: PodSelection): string {
  const pods = isEmptySelector(selection.pods) ? "every pod" : `pods ${formatSelector(selection.pods)}`;
  const { namespaces } = selection;
  if (namespaces.kind === "name") return `${pods} of namespace ${namespaces.name}`;
  if (isEmptySelector(namespaces.selector)) return `${pods} of every namespace`;
  return `${pods} of namespaces ${formatSelector(namespaces.selector)}`;
}

/** A peer in words: its pods, or `10.0.0.0/8 except 10.1.0.0/16`. */
export function describePeer(peer: Peer): string {
  if (peer.kind === "pods") return describePods(peer.selection);
  if (peer.kind === "nodes") {
    return isEmptySelector(peer.selector) ? "every node" : `nodes ${formatSelector(peer.selector)}`;
  }
  if (peer.kind === "domains") return `domains ${peer.names.join(", ")}`;
  const except = peer.except.map(formatCidr);
  return `addresses ${formatCidr(peer.cidr)}${except.length > 0 ? ` except ${except.join(", ")}` : ""}`;
}

/** `TCP 3306`, `UDP 1-53`, `every TCP port`, `TCP port named mysql`. */
export function describePortMatch(match: PortMatch): string {
  if (match.kind === "name" && match.protocol === "any") return `port named ${match.name}`;
  if (match.kind === "name") return `${match.protocol} port named ${match.name}`;
  return portSetTokens(match.ports).map(describePortToken).join(", ");
}

/** A token of a port set in words: `TCP/3306` as `TCP 3306`, `TCP/1-65535` as `every TCP port`. */
export function describePortToken(token: string): string {
  if (token === "all") return "everything";
  if (token === "other") return "other protocols";
  const [protocol, ports] = token.split("/");
  return ports === "1-65535" ? `every ${protocol} port` : `${protocol} ${ports}`;
}

/** All that a rule lets match: `from pods server=api of namespace shop, TCP 3306`. */
export function describeRule(rule: Rule): string {
  const preposition = rule.direction === "ingress" ? "from" : "to";
  const peers = rule.peers === "everyone" ? "everyone" : rule.peers.map(describePeer).join(" or ");
  const ports =
    rule.ports === "all" ? "every protocol and port" : rule.ports.map(describePortMatch).join(", ");
  return `${preposition} ${peers}, ${ports}`;
}
