import type { ClusterPod } from "../../cluster/cluster.ts";
import type { FieldPath } from "../../k8s/location.ts";
import type { LabelSelector, Labels } from "../../k8s/objects.ts";
import { formatSelector, requirementsOf, selectorMatches } from "../../k8s/selector.ts";
import { closest } from "../../k8s/suggest.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import {
  type AddressRanges,
  intersectAddresses,
  noAddresses,
  rangeOfCidr,
  subtractAddresses,
} from "../../net/address-ranges.ts";
import type { AddressesEnd, EndSpec, NameEnd, PodsEnd } from "./assertion.ts";
import { type ClusterEnds, holds } from "./cluster-ends.ts";
import { BOTH_FAMILIES, type EndSet, familyBit, isNobody, joinEnds, withoutEnds } from "./end-set.ts";

/** Why a case cannot be judged in a cluster. */
export interface CaseProblem {
  readonly path: FieldPath;
  readonly message: string;
  readonly help?: string;
}

/** Everybody that ends stand for. Each of them must stand for somebody: a name that nobody has asserts nothing. */
export function resolveEnds(ends: ClusterEnds, specs: readonly EndSpec[]): EndSet | CaseProblem {
  const sets: EndSet[] = [];
  for (const spec of specs) {
    const set = resolveEnd(ends, spec);
    if ("message" in set) return set;
    if (spec.except.length === 0) {
      sets.push(set);
      continue;
    }
    const except = resolveEnds(ends, spec.except);
    if ("message" in except) return except;
    const left = withoutEnds(set, except);
    if (isNobody(left)) {
      return {
        path: spec.path,
        message: `Nobody is left of ${spec.text}, so the case asserts nothing.`,
        help: "Shorten except, or take the case out.",
      };
    }
    sets.push(left);
  }
  return joinEnds(sets);
}

function resolveEnd(ends: ClusterEnds, spec: EndSpec): EndSet | CaseProblem {
  switch (spec.kind) {
    case "anyone":
      return { pods: ends.everyPod, ranges: ends.outside, named: [] };
    case "name":
      return resolveName(ends, spec);
    case "pods":
      return resolvePods(ends, spec);
    case "addresses":
      return resolveAddresses(ends, spec);
  }
}

function ofPods(pods: Iterable<ClusterPod>): EndSet {
  const found = new Map([...pods].map((pod) => [pod, BOTH_FAMILIES]));
  return { pods: found, ranges: noAddresses(), named: [] };
}

function resolveName(ends: ClusterEnds, { name, path }: NameEnd): EndSet | CaseProblem {
  const pod = ends.pods.get(name);
  if (pod !== undefined) return ofPods([pod]);
  const pods = ends.workloads.get(name);
  if (pods !== undefined) return ofPods(pods);
  const { cluster, waitingPods } = ends;
  const message = `There is no pod and no workload ${name}.`;
  if (cluster.finishedPods.includes(name)) {
    return {
      path,
      message: `Pod ${name} has finished (Succeeded or Failed), so it takes no part in any connection.`,
    };
  }
  const waiting = waitingPods.find((id) => id === name || id.startsWith(`${name}-`));
  if (waiting !== undefined) {
    return { path, message: `Pod ${waiting} has no address yet, so it takes no part in any connection.` };
  }
  return { path, message, help: nameHelp(ends, name) };
}

function nameHelp({ cluster }: ClusterEnds, name: string): string {
  const names = [...new Set(cluster.workloads.map((each) => `${each.namespace}/${each.name}`))];
  const last = name.slice(name.indexOf("/") + 1).replace(/\[.*$/, "");
  const spelt = closest(name, names);
  const near =
    spelt === undefined ? names.filter((known) => known.endsWith(`/${last}`)).slice(0, 3) : [spelt];
  if (near.length > 0) return `Did you mean ${near.join(" or ")}?`;
  if (names.length === 0) return "There are no pods in the input.";
  return `There are: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}.`;
}

function resolvePods(ends: ClusterEnds, spec: PodsEnd): EndSet | CaseProblem {
  const { cluster, podsByNamespace } = ends;
  const { namespace, pods, path } = spec;
  const names = [...cluster.namespaces.keys()];
  if (typeof namespace === "string" && !cluster.namespaces.has(namespace)) {
    const near = closest(namespace, names);
    return {
      path,
      message: `There is no namespace ${namespace}.`,
      help: near === undefined ? `There are: ${names.slice(0, 8).join(", ")}.` : `Did you mean ${near}?`,
    };
  }
  const chosen =
    typeof namespace === "string"
      ? [namespace]
      : [...cluster.namespaces.values()]
          .filter((each) => selectorMatches(namespace, each.labels))
          .map((each) => each.name);
  const inThem = chosen.flatMap((name) => podsByNamespace.get(name) ?? []);
  const found = inThem.filter((pod) => selectorMatches(pods, pod.labels));
  if (found.length > 0) return ofPods(found);
  if (chosen.length === 0) {
    const labels = [...cluster.namespaces.values()].map((each) => each.labels);
    const hint = labelHelp(namespace as LabelSelector, labels);
    const message = `No namespace has labels ${formatSelector(namespace as LabelSelector)}.`;
    return { path, message, ...(hint === undefined ? {} : { help: hint }) };
  }
  const hint = labelHelp(
    pods,
    inThem.map((pod) => pod.labels),
  );
  return {
    path,
    message: `There is ${spec.text.replace(/^(?:every )?pods? ?/, "no pod ")}.`,
    ...(hint === undefined ? {} : { help: hint }),
  };
}

/** The label that is nearest to one that a selector asks for and nobody has. */
function labelHelp(selector: LabelSelector, present: readonly Labels[]): string | undefined {
  const known = new Set(present.flatMap((labels) => Object.entries(labels).map((label) => label.join("="))));
  for (const { key, operator, values = [] } of requirementsOf(selector)) {
    if (operator !== "In") continue;
    if (values.some((value) => known.has(`${key}=${value}`))) continue;
    for (const value of values) {
      const near = closest(`${key}=${value}`, [...known]);
      if (near !== undefined) return `Did you mean ${near}?`;
    }
    const ofKey = [...known].filter((label) => label.startsWith(`${key}=`)).slice(0, 5);
    return ofKey.length === 0 ? `Nobody there has a label ${key}.` : `There are: ${ofKey.join(", ")}.`;
  }
  return undefined;
}

function resolveAddresses(ends: ClusterEnds, spec: AddressesEnd): EndSet | CaseProblem {
  const { cidr, outside, path } = spec;
  if (cidr === undefined) return { pods: new Map(), ranges: ends.outside, named: [] };
  const { family } = cidr;
  const pods = outside ? [] : ends.cluster.pods.filter((pod) => holds(cidr, pod));
  const block: AddressRanges = [rangeOfCidr(cidr)];
  const left = outside
    ? intersectAddresses(block, ends.outside[family])
    : subtractAddresses(block, ends.podAddresses[family]);
  if (left.length === 0 && pods.length === 0) {
    return { path, message: `All of ${spec.text} belongs to the cluster, so the case asserts nothing.` };
  }
  return {
    pods: new Map(pods.map((pod) => [pod, familyBit(family)])),
    ranges: rangesOf(family, left),
    named: outside ? [] : [{ family, value: cidr.first }],
  };
}

function rangesOf(family: Family, ranges: AddressRanges): Record<Family, AddressRanges> {
  const result = noAddresses();
  for (const each of FAMILIES) if (each === family) result[each] = ranges;
  return result;
}
