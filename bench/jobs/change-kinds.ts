import type { Labels, NetworkPolicy, NetworkPolicySpec, Pod } from "../../src/k8s/objects.ts";
import type { Random } from "../../test/generators/random.ts";
import { policyId } from "../engine-adapter.ts";
import type { GeneratedCluster } from "../profiles/inventory.ts";
import type { ChangePair } from "./changes.ts";
import { newAddresses } from "./new-addresses.ts";

/** A kind of change: a stream of changes to random objects of a cluster. */
export interface ChangeKind {
  readonly title: string;
  readonly make: (cluster: GeneratedCluster, random: Random) => (index: number) => ChangePair;
}

export const CHANGES: readonly ChangeKind[] = [
  { title: "pods of known classes come and go", make: knownPods },
  { title: "pods of new classes come and go", make: newPods },
  { title: "pods change a label", make: relabelledPods },
  { title: "namespaces change a label", make: relabelledNamespaces },
  { title: "policies come and go", make: policiesComeAndGo },
  { title: "policies change", make: changedPolicies },
];

/** One more replica, on the node of another. */
function knownPods(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  const address = newAddresses(cluster.pods);
  return (index) => {
    const twin = random.pick(cluster.pods);
    const pod: Pod = { ...twin, name: `${twin.name}-more-${index}`, addresses: [address(twin)] };
    return {
      there: { kind: "pod-set", pod },
      thereIs: "podAddedKnown",
      back: { kind: "pod-removed", id: podId(pod) },
      backIs: "podRemoved",
    };
  };
}

/** Pods with labels as no pod had them together before. */
function newPods(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  const address = newAddresses(cluster.pods);
  const relabel = relabeller(cluster.pods, random);
  return (index) => {
    const model = random.pick(cluster.pods);
    const pod: Pod = {
      ...model,
      name: `${model.name}-new-${index}`,
      labels: { ...relabel(model.labels), canary: `c${index}` },
      addresses: [address(model)],
    };
    return {
      there: { kind: "pod-set", pod },
      thereIs: "podAddedNew",
      back: { kind: "pod-removed", id: podId(pod) },
      backIs: "podRemoved",
    };
  };
}

function relabelledPods(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  const relabel = relabeller(cluster.pods, random);
  return () => {
    const pod = random.pick(cluster.pods);
    return {
      there: { kind: "pod-set", pod: { ...pod, labels: relabel(pod.labels) } },
      thereIs: "podRelabelled",
      back: { kind: "pod-set", pod },
      backIs: "podRelabelled",
    };
  };
}

function relabelledNamespaces(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  const relabel = relabeller(cluster.namespaces, random);
  return () => {
    const namespace = random.pick(cluster.namespaces);
    return {
      there: { kind: "namespace-set", namespace: { ...namespace, labels: relabel(namespace.labels) } },
      thereIs: "namespaceRelabelled",
      back: { kind: "namespace-set", namespace },
      backIs: "namespaceRelabelled",
    };
  };
}

function policiesComeAndGo(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  return () => {
    const policy = random.pick(cluster.policies);
    return {
      there: { kind: "policy-removed", id: policyId(policy) },
      thereIs: "policyRemoved",
      back: { kind: "policy-set", policy },
      backIs: "policyAdded",
    };
  };
}

/** By turns a policy gets other ports, and the rules of another policy. */
function changedPolicies(cluster: GeneratedCluster, random: Random): (index: number) => ChangePair {
  const withRules = cluster.policies.filter(
    ({ spec }) => spec.ingress !== undefined || spec.egress !== undefined,
  );
  return (index) => {
    const policy = random.pick(withRules);
    const spec =
      index % 2 === 0
        ? withPort(policy.spec, 20_000 + (index % 1000))
        : { ...random.pick(withRules).spec, podSelector: policy.spec.podSelector };
    const changed: NetworkPolicy = { ...policy, spec };
    return {
      there: { kind: "policy-set", policy: changed },
      thereIs: "policyChanged",
      back: { kind: "policy-set", policy },
      backIs: "policyChanged",
    };
  };
}

function withPort(spec: NetworkPolicySpec, port: number): NetworkPolicySpec {
  const ports = [{ port }];
  return {
    ...spec,
    ...(spec.ingress === undefined ? {} : { ingress: spec.ingress.map((rule) => ({ ...rule, ports })) }),
    ...(spec.egress === undefined ? {} : { egress: spec.egress.map((rule) => ({ ...rule, ports })) }),
  };
}

/** Gives one label, of those that matter, the value that another object has for it. */
function relabeller(
  objects: readonly { readonly labels: Labels }[],
  random: Random,
): (labels: Labels) => Labels {
  return (labels) => {
    const keys = Object.keys(labels).filter((key) => key !== "pod-template-hash");
    const key = random.pick(keys);
    for (;;) {
      const value = random.pick(objects).labels[key];
      // Objects that all agree on a label still change: nobody has the value "other".
      if (value !== labels[key]) return { ...labels, [key]: value ?? "other" };
      if (random.chance(0.05)) return { ...labels, [key]: "other" };
    }
  };
}

function podId({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}
