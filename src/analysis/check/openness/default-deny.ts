import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Finding, RelatedPlace } from "../../../k8s/finding.ts";
import type { FieldEdit, Fix } from "../../../k8s/fix.ts";
import type { Position } from "../../../k8s/location.ts";
import type { Direction, PolicyType } from "../../../k8s/objects.ts";
import { selectorKey } from "../../../k8s/selector.ts";
import type { Policy, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import { isProbablyForgotten, isSystemNamespace } from "./forgotten-pods.ts";
import { notableInReach } from "./notable-in-reach.ts";
import { type IsOpen, isUnlimited, openPods } from "./open-pods.ts";

/**
 * Namespaces in which nothing closes the pods that no policy selects. Told once for a namespace where policies close some
 * of its pods for ingress and others not, else once for all namespaces.
 */
export const defaultDeny: Check = {
  codes: ["unselected-pods", "no-default-deny"],
  *run(context) {
    const isOpen = openPods(context.engine);
    const policies = policiesByNamespace(context);
    const ingress = namespaceStates(context, isOpen, policies, "ingress");
    const egress = namespaceStates(context, isOpen, policies, "egress");
    const partly = ingress.filter(({ open, closed }) => open.length > 0 && closed.length > 0);
    const told = new Set<NamespaceState>(partly);
    for (const state of partly) {
      const other = egress.find(({ name }) => name === state.name)!;
      const isForBoth = other.closed.length > 0 && samePods(other.open, state.open);
      if (isForBoth) told.add(other);
      yield unselectedPods(context, state, isForBoth);
    }
    const untold = (states: readonly NamespaceState[]): NamespaceState[] =>
      states.filter((state) => !told.has(state) && !isSystemNamespace(state.name));
    yield* namespacesWithout(context, untold(ingress), "ingress");
    yield* namespacesWithout(context, untold(egress), "egress");
  },
};

function* namespacesWithout(
  context: CheckContext,
  states: readonly NamespaceState[],
  direction: Direction,
): Iterable<Finding> {
  const open = states.filter((state) => state.open.length > 0);
  if (open.length > 0) yield openNamespaces(context, open, direction);
  // Of a namespace that has no pods where others have, something else is wrong; or its pods are not shown.
  const havePods = context.known.namespacesWithPods.size > 0;
  const late = states.filter(
    (state) =>
      state.open.length === 0 &&
      !state.closesNewPods &&
      state.policies.length > 0 &&
      (state.closed.length > 0 || !havePods),
  );
  if (late.length > 0) yield openToNewPods(late, direction);
}

function samePods(a: readonly ClusterPod[], b: readonly ClusterPod[]): boolean {
  return a.length === b.length && a.every((pod, index) => pod === b[index]);
}

/** One direction of a namespace that has pods or policies. */
interface NamespaceState {
  readonly name: string;
  readonly open: readonly ClusterPod[];
  readonly closed: readonly ClusterPod[];
  /** True if a policy is about every pod of the namespace, and so about any that will be there. */
  readonly closesNewPods: boolean;
  /** Its NetworkPolicies that isolate pods for the direction. */
  readonly policies: readonly CheckedNetworkPolicy[];
}

function namespaceStates(
  { cluster, policies: all, selected }: CheckContext,
  isOpen: IsOpen,
  policies: ReadonlyMap<string, readonly CheckedNetworkPolicy[]>,
  direction: Direction,
): NamespaceState[] {
  const covered = new Set<string>();
  for (const { policy } of all) {
    if (selectorKey(policy.subject.pods) !== "" || !closesStrangers(policy, direction)) continue;
    const { namespaces } = policy.subject;
    for (const name of namespaces.kind === "name" ? [namespaces.name] : selected.namespacesOf(namespaces)) {
      covered.add(name);
    }
  }
  const pods = new Map<string, { open: ClusterPod[]; closed: ClusterPod[] }>();
  for (const name of policies.keys()) pods.set(name, { open: [], closed: [] });
  for (const pod of cluster.pods) {
    const open = isOpen(pod, direction);
    if (open === undefined) continue;
    let found = pods.get(pod.namespace);
    if (found === undefined) {
      found = { open: [], closed: [] };
      pods.set(pod.namespace, found);
    }
    found[open ? "open" : "closed"].push(pod);
  }
  return [...pods]
    .map(([name, { open, closed }]) => ({
      name,
      open,
      closed,
      closesNewPods: covered.has(name),
      policies: (policies.get(name) ?? []).filter(({ policy }) => policy.isolates[direction]),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function policiesByNamespace({ networkPolicies }: CheckContext): Map<string, CheckedNetworkPolicy[]> {
  const found = new Map<string, CheckedNetworkPolicy[]>();
  for (const checked of networkPolicies) {
    const { namespace } = checked.source;
    const list = found.get(namespace);
    if (list === undefined) found.set(namespace, [checked]);
    else list.push(checked);
  }
  return found;
}

/** Of the rules of a cluster-wide policy, the first that matches decides. */
function closesStrangers(policy: Policy, direction: Direction): boolean {
  if (policy.tier === "NetworkPolicy") return policy.isolates[direction];
  return policy.rules[direction].find(isAboutStrangers)?.action === "Deny";
}

/** True for a rule that decides everything for every pod, or, in egress, for every address. */
function isAboutStrangers({ peers, ports }: Rule): boolean {
  if (ports !== "all") return false;
  if (peers === "everyone") return true;
  return peers.some((peer) => {
    if (peer.kind === "addresses") return peer.cidr.prefix === 0;
    if (peer.kind !== "pods") return false;
    const { namespaces, pods } = peer.selection;
    return (
      namespaces.kind === "selector" && selectorKey(namespaces.selector) === "" && selectorKey(pods) === ""
    );
  });
}

/** `isForBoth` tells that no policy limits where the pods may connect to, either. */
function unselectedPods(context: CheckContext, state: NamespaceState, isForBoth: boolean): Finding {
  const { engine } = context;
  const { name, open, closed } = state;
  const [it, nor] = open.length === 1 ? ["it", "this one"] : ["them", "these"];
  return findingOf("unselected-pods", {
    ...(isProbablyForgotten(context, state, isForBoth) ? {} : { severity: "info" }),
    position: placeOf(open[0]!),
    object: `Namespace ${name}`,
    message:
      `${everyone(engine, open)} may connect to ${workloadsOf(open)} (${countOf(open.length, "pod")} today)` +
      `${isForBoth ? `, and ${open.length === 1 ? "it" : "they"} to ${everything(engine, open)}` : ""}: policies close ` +
      `${countOf(closed.length, "other pod")} of the namespace to strangers, and not ${nor}.`,
    help:
      `If that is not meant, select ${it} too: a policy with podSelector: {} and policyTypes: [Ingress] closes every ` +
      "pod of the namespace, and rules then let in who is needed.",
    related: [
      ...placesOfNamespaces(context, [state]),
      ...placesOfWorkloads(open).map(
        ([workload, position]): RelatedPlace => ({
          position,
          object: `Namespace ${name}`,
          message: `${workload} is open too`,
        }),
      ),
    ],
    ...fixOf([state], "ingress"),
  });
}

function openNamespaces(
  context: CheckContext,
  states: readonly NamespaceState[],
  direction: Direction,
): Finding {
  const pods = states.flatMap(({ open }) => open);
  const who = `${countOf(pods.length, "pod")} of ${namespacesText(states)}`;
  const included = direction === "egress" ? notableInReach(context, pods) : [];
  const includedText = included.length === 0 ? "" : `, ${listOf(included, included.length)} included`;
  return findingOf("no-default-deny", {
    position: placeOf(pods[0]!),
    message:
      direction === "ingress"
        ? `${everyone(context.engine, pods)} may connect to ${who}: no policy closes them.`
        : `${who} may connect to ${everything(context.engine, pods)}${includedText}: no policy closes their egress.`,
    help: `${defaultDenyText(direction)} Begin with one namespace, and with the rules that its pods need.`,
    related: [...placesOfNamespaces(context, states), ...placesOfOneSidedDenies(context, states, direction)],
  });
}

function openToNewPods(states: readonly NamespaceState[], direction: Direction): Finding {
  const [first] = states[0]!.policies;
  const known = states.some(({ closed }) => closed.length > 0);
  return findingOf("no-default-deny", {
    position:
      first === undefined
        ? placeOf(states[0]!.closed[0]!)
        : first.policy.origin.position(["spec", "podSelector"], "key"),
    message:
      `A pod of ${namespacesText(states)} that no policy selects ` +
      `${direction === "ingress" ? "would be open to everyone" : "could connect to everything"}: the policies select ` +
      `${known ? "the pods of today, but none selects" : "some pods, and none selects"} every pod.`,
    help: defaultDenyText(direction),
    ...fixOf(states, direction),
  });
}

/** Cluster-wide policies may deny a part, and leave the rest open. */
function everyone(engine: Engine, pods: readonly ClusterPod[]): string {
  return isUnlimited(engine, pods, "ingress") ? "Everyone" : "Nearly everyone";
}

function everything(engine: Engine, pods: readonly ClusterPod[]): string {
  return isUnlimited(engine, pods, "egress") ? "everything" : "nearly everything";
}

function namespacesText(states: readonly NamespaceState[]): string {
  const names = listOf(states.map(({ name }) => name));
  return `${states.length === 1 ? "namespace" : "namespaces"} ${names}`;
}

function defaultDenyText(direction: Direction): string {
  return `A policy with podSelector: {}, policyTypes: [${typeOf(direction)}] and no rules closes every pod of its namespace.`;
}

function typeOf(direction: Direction): PolicyType {
  return direction === "ingress" ? "Ingress" : "Egress";
}

const MOST_RELATED = 5;

function placeOf(pod: ClusterPod): Position {
  return pod.origin.position(["metadata", "name"]);
}

/** Where the namespaces are declared, as far as they are. */
function placesOfNamespaces({ known }: CheckContext, states: readonly NamespaceState[]): RelatedPlace[] {
  return states.slice(0, MOST_RELATED).flatMap(({ name }) => {
    const position = known.declaredNamespaces.get(name)?.position(["metadata", "name"]);
    return position === undefined || position.line === 0
      ? []
      : [
          {
            position,
            message: `namespace ${name} has no default deny`,
            // Beside one of several, that it is meant says nothing of the others.
            ...(states.length === 1 ? {} : { object: `Namespace ${name}` }),
          },
        ];
  });
}

/** The policies that close every pod of the namespaces for the other direction alone: one word more would do. */
function placesOfOneSidedDenies(
  { networkPolicies }: CheckContext,
  states: readonly NamespaceState[],
  direction: Direction,
): RelatedPlace[] {
  const names = new Set(states.map(({ name }) => name));
  return networkPolicies
    .filter(
      ({ source, policy }) =>
        names.has(source.namespace) &&
        selectorKey(policy.subject.pods) === "" &&
        !policy.isolates[direction] &&
        policy.rules.ingress.length + policy.rules.egress.length === 0,
    )
    .slice(0, MOST_RELATED)
    .map(({ source, policy }) => ({
      position: policy.origin.position(["spec", "policyTypes"]),
      message: `${source.name} closes every pod of ${source.namespace}, but not for ${direction}`,
    }))
    .filter(({ position }) => position.line > 0);
}

/** Of all workloads but the first, which is the finding's own place. */
function placesOfWorkloads(pods: readonly ClusterPod[]): [string, Position][] {
  const firsts = new Map<string, ClusterPod>();
  for (const pod of pods) if (!firsts.has(pod.workload)) firsts.set(pod.workload, pod);
  return [...firsts.values()]
    .slice(1, MOST_RELATED + 1)
    .map((pod): [string, Position] => [workloadsOf([pod]), placeOf(pod)])
    .filter(([, { line }]) => line > 0);
}

/** A policy for every pod, in the file of the first that the namespace has. None where there is no such file. */
function fixOf(states: readonly NamespaceState[], direction: Direction): { fix?: Fix } {
  const name = `default-deny-${direction}`;
  const edits = states.flatMap(({ name: namespace, policies }): FieldEdit[] => {
    const [first] = policies;
    if (first === undefined || policies.some(({ source }) => source.name === name)) return [];
    if (first.policy.origin.position([]).line === 0) return [];
    const value = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec: { podSelector: {}, policyTypes: [typeOf(direction)] },
    };
    return [{ kind: "append-document", file: first.policy.origin.file, value }];
  });
  if (edits.length < states.length) return {};
  const where = states.length === 1 ? `namespace ${states[0]!.name}` : `${states.length} namespaces`;
  return {
    fix: {
      title: `close every pod of ${where} for ${direction}, with a policy of its own`,
      safe: false,
      edits,
    },
  };
}
