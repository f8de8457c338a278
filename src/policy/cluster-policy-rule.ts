import type { FieldPath } from "../k8s/location.ts";
import type { ClusterPolicyPeer, ClusterPolicySubject, Direction, LabelSelector } from "../k8s/objects.ts";
import { cidrOfValidated } from "./cidr-of-validated.ts";
import type { Action, Peer, PodSelection, PortMatch, Rule } from "./policy.ts";

/** A rule of a cluster-wide policy in the words that the kinds share. */
export interface ClusterPolicyRule<Port> {
  readonly name?: string | undefined;
  readonly action: Action;
  readonly peers: readonly ClusterPolicyPeer[];
  readonly ports?: readonly Port[] | undefined;
  /** The field that holds the ports. */
  readonly portsField: "protocols" | "ports";
}

/** The pods of a subject. */
export function subjectSelection(subject: ClusterPolicySubject): PodSelection {
  if (subject.pods !== undefined)
    return selectionOf(subject.pods.namespaceSelector, subject.pods.podSelector);
  if (subject.namespaces === undefined) throw new Error("validation let an empty subject pass");
  return selectionOf(subject.namespaces, {});
}

/**
 * The IR of a rule. `portMatch` returns undefined for an entry that it does not know. With such an entry, or a peer
 * without any known field, the rule fails closed: Accept matches nobody, Deny and Pass deny everything.
 */
export function clusterPolicyRule<Port>(
  direction: Direction,
  index: number,
  rule: ClusterPolicyRule<Port>,
  portMatch: (port: Port, path: FieldPath) => PortMatch | undefined,
): Rule {
  const path: FieldPath = ["spec", direction, index];
  const head = { direction, index, ...(rule.name ? { name: rule.name } : {}), path };
  const peersPath: FieldPath = [...path, direction === "ingress" ? "from" : "to"];
  const peers: Peer[] = [];
  for (const [i, peer] of rule.peers.entries()) {
    const known = peersOf(peer, [...peersPath, i]);
    if (known === undefined) return failsClosed(head, rule.action, [...peersPath, i]);
    peers.push(...known);
  }
  if (rule.ports === undefined) return { ...head, action: rule.action, peers, ports: "all" };
  const ports: PortMatch[] = [];
  for (const [i, port] of rule.ports.entries()) {
    const portPath = [...path, rule.portsField, i];
    const known = portMatch(port, portPath);
    if (known === undefined) return failsClosed(head, rule.action, portPath);
    ports.push(known);
  }
  return { ...head, action: rule.action, peers, ports };
}

/** The rule by which a broken policy closes its pods for a direction. */
export function closingRule(direction: Direction): Rule {
  return {
    direction,
    index: 0,
    action: "Deny",
    peers: "everyone",
    ports: "all",
    path: ["spec", direction],
    failsClosed: ["spec"],
  };
}

type RuleHead = Pick<Rule, "direction" | "index" | "name" | "path">;

function failsClosed(head: RuleHead, action: Action, field: FieldPath): Rule {
  if (action === "Accept") return { ...head, action, peers: [], ports: "all", failsClosed: field };
  return { ...head, action: "Deny", peers: "everyone", ports: "all", failsClosed: field };
}

/** Undefined for a peer of a kind that is not known. One CIDR makes one peer, as each has a place of its own. */
function peersOf(peer: ClusterPolicyPeer, path: FieldPath): readonly Peer[] | undefined {
  const { namespaces, pods, nodes, networks, domainNames } = peer;
  if (namespaces !== undefined) return [{ kind: "pods", selection: selectionOf(namespaces, {}), path }];
  if (pods !== undefined) {
    return [{ kind: "pods", selection: selectionOf(pods.namespaceSelector, pods.podSelector), path }];
  }
  if (nodes !== undefined) return [{ kind: "nodes", selector: nodes, path }];
  if (networks !== undefined) {
    return networks.map((cidr, i) => ({
      kind: "addresses",
      cidr: cidrOfValidated(cidr),
      except: [],
      path: [...path, "networks", i],
    }));
  }
  if (domainNames !== undefined) return [{ kind: "domains", names: domainNames, path }];
  return undefined;
}

function selectionOf(namespaces: LabelSelector, pods: LabelSelector): PodSelection {
  return { namespaces: { kind: "selector", selector: namespaces }, pods };
}
