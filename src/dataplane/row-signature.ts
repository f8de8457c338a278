import type { PodClass } from "../engine/classes.ts";
import type { Row } from "../engine/row.ts";
import type { Direction } from "../k8s/objects.ts";
import { selectorKey } from "../k8s/selector.ts";
import { formatCidr } from "../net/cidr.ts";
import type { Peer, PodSelection, Policy, Rule } from "../policy/policy.ts";

/**
 * A text for what a row's policies say about peers and ports, without the names of the policies and without the
 * pods of the moment. Sets named after it are shared by all classes under the same rules, and keep their name
 * when pods come and go.
 */
export function rowSignature(row: Row, direction: Direction, podClass: PodClass): string {
  const usesNames = row.policies.some((policy) =>
    policy.rules[direction].some(
      (rule) => rule.ports !== "all" && rule.ports.some((match) => match.kind === "name"),
    ),
  );
  return JSON.stringify([
    row.policies.map((policy) => policySignature(policy, direction)),
    // A name means the subject's port on ingress, the peer's on egress.
    usesNames ? [direction, direction === "ingress" ? podClass.look.namedPorts : []] : [],
  ]);
}

function policySignature(policy: Policy, direction: Direction): unknown {
  return [policy.tier, policy.isolates[direction], policy.rules[direction].map(ruleSignature)];
}

function ruleSignature(rule: Rule): unknown {
  return [
    rule.action,
    rule.peers === "everyone" ? "everyone" : rule.peers.map(peerSignature),
    rule.ports === "all"
      ? "all"
      : rule.ports.map((match) =>
          match.kind === "numbers" ? match.ports.key : [match.protocol, match.name],
        ),
  ];
}

function peerSignature(peer: Peer): unknown {
  if (peer.kind === "pods") return selectionSignature(peer.selection);
  // The addresses of nodes and pods of the moment are elements, not names: a change of theirs is a small delta.
  if (peer.kind === "nodes") return ["nodes", selectorKey(peer.selector)];
  // They match nothing, whatever their names.
  if (peer.kind === "domains") return ["domains"];
  return [peer.cidr, ...peer.except].map(formatCidr);
}

function selectionSignature(selection: PodSelection): unknown {
  const { namespaces } = selection;
  return [
    namespaces.kind === "name" ? ["name", namespaces.name] : ["selector", selectorKey(namespaces.selector)],
    selectorKey(selection.pods),
  ];
}
