import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Position } from "../../../k8s/location.ts";
import { formatSelector, selectorKey } from "../../../k8s/selector.ts";
import { formatAddress } from "../../../net/address.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { PodSelection } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { type NamedPods, namedPods } from "../policy-selectors.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";

/** Selectors whose labels host-network pods wear: they are no pods to any policy, but addresses of their nodes. */
export const hostNetworkPodsSelected: Check = {
  codes: ["host-network-pods-selected"],
  *run(context) {
    if (!context.cluster.pods.some(({ hostNetwork }) => hostNetwork)) return;
    const uses = context.policies.flatMap((checked) => [...namedPods(checked)]);
    for (const [first, ...others] of groupsOf(uses, useKey)) {
      if (isWorthTelling(context, first)) yield finding(context, first, others);
    }
  },
};

function isWorthTelling({ selected }: CheckContext, { selection, role }: NamedPods): boolean {
  if (selected.hostNetworkPodsOf(selection).length === 0) return false;
  if (selected.podsOf(selection).length === 0 || formatSelector(selection.pods) !== "") return true;
  // Of all pods of a namespace some are always missing. Who closes one namespace should know it.
  return role === "subject" && selection.namespaces.kind === "name";
}

function useKey({ role, selection: { namespaces, pods } }: NamedPods): string {
  const where = namespaces.kind === "name" ? [namespaces.name] : selectorKey(namespaces.selector);
  return JSON.stringify([role, where, selectorKey(pods)]);
}

function finding(context: CheckContext, first: NamedPods, others: readonly NamedPods[]): Finding {
  const { checked, selection, role } = first;
  const { policy } = checked;
  const { selected } = context;
  const hidden = selected.hostNetworkPodsOf(selection);
  const isAll = selected.podsOf(selection).length === 0;
  // A policy about a whole namespace, or a rule that lets one in, may wait for others of its pods.
  const isSpecific =
    formatSelector(selection.pods) !== "" || (role !== "subject" && !isEverywhere(selection));
  const related = otherPlaces(others, (other) => ({
    position: placeOf(other),
    object: describePolicy(other.checked.policy),
    message: `the same in ${describePolicy(other.checked.policy)}`,
  }));
  return findingOf("host-network-pods-selected", {
    ...(isAll && isSpecific ? {} : { severity: "info" }),
    position: placeOf(first),
    object: describePolicy(policy),
    message: role === "subject" ? subjectMessage(hidden, isAll) : peerMessage(first, hidden, isAll),
    help: role === "subject" ? SUBJECT_HELP : peerHelp(context, role, hidden),
    ...(related === undefined ? {} : { related }),
  });
}

function placeOf({ checked, role, path }: NamedPods): Position {
  return checked.policy.origin.position(path, role === "subject" ? "key" : "value");
}

function isEverywhere({ namespaces }: PodSelection): boolean {
  return namespaces.kind === "selector" && formatSelector(namespaces.selector) === "";
}

const SUBJECT_HELP =
  "Run them without hostNetwork if a policy is to protect them; else only a firewall on the nodes can.";

function subjectMessage(hidden: readonly ClusterPod[], isAll: boolean): string {
  const run = hidden.length === 1 ? "runs on the network of its node" : "run on the network of their nodes";
  return isAll
    ? `This policy limits nobody: ${inWords(hidden)} ${run}, to which no policy applies.`
    : `This policy does not limit ${inWords(hidden)}, which it selects as well: ${hidden.length === 1 ? "it" : "they"} ${run}, to which no policy applies.`;
}

function peerMessage(
  { role, checked, rule }: NamedPods,
  hidden: readonly ClusterPod[],
  isAll: boolean,
): string {
  const isAllow = checked.policy.kind === "NetworkPolicy" || rule!.action === "Accept";
  const does = !isAllow ? "matches" : role === "ingress" ? "lets in" : "lets out to";
  const [are, send] = hidden.length === 1 ? ["is", "sends"] : ["are", "send"];
  const way = role === "ingress" ? `${send} from node addresses` : `${are} reached at node addresses`;
  const why = `${are} on the host network and ${way}, which no selector of pods matches`;
  return isAll
    ? `This peer ${does} nobody: ${inWords(hidden)} ${why}.`
    : `This peer ${does} pods with these labels, but not ${inWords(hidden)}: ${hidden.length === 1 ? "it" : "they"} ${why}.`;
}

function peerHelp(
  { known, cluster }: CheckContext,
  role: NamedPods["role"],
  hidden: readonly ClusterPod[],
): string {
  const nodes = new Set(hidden.flatMap(({ node }) => (node === undefined ? [] : [node])));
  // Nodes of manifests have made-up addresses.
  const addresses = known.everything
    ? [...nodes].flatMap((name) => (cluster.nodes.get(name)?.addresses ?? []).map(formatAddress))
    : [];
  const block = `Name the addresses of their nodes with an ipBlock${addresses.length === 0 ? "" : ` (today ${listOf(addresses)})`}, or run them without hostNetwork.`;
  return role === "ingress" ? `${block} A node can always reach the pods that run on it.` : block;
}

function inWords(pods: readonly ClusterPod[]): string {
  return `${workloadsOf(pods)} (${countOf(pods.length, "pod")} today)`;
}
