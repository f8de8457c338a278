import { policyIdOf } from "../agent/proxied/policy-target.ts";
import { isMapping } from "../k8s/check.ts";
import type { FlowDocument, FlowEndDocument } from "../report/flow-json.ts";
import { parsePolicyNames, policyResource } from "./policy-names.ts";

/** Which flows somebody wants to see. */
export interface FlowSelection {
  /** Of either end. */
  readonly namespace?: string;
  /** Pods or workloads, one of them at either end: `shop/db`, or `db` of the namespace. */
  readonly pod?: readonly string[];
  /** Policies of which one decided: `netpol/db`, `shop/db`, `db`. */
  readonly policy?: readonly string[];
}

/** A flow as an agent tells it; undefined for what is none. */
export function readFlow(value: unknown): FlowDocument | undefined {
  if (!isMapping(value) || typeof value.time !== "string") return undefined;
  const { kind, source, destination, policies } = value;
  if (kind === "suppressed") return value as unknown as FlowDocument;
  const fits =
    kind === "flow" &&
    isEnd(source) &&
    isEnd(destination) &&
    Array.isArray(policies) &&
    typeof value.verdict === "string" &&
    typeof value.reason === "string";
  return fits ? (value as unknown as FlowDocument) : undefined;
}

function isEnd(value: unknown): boolean {
  return isMapping(value) && typeof value.address === "string" && typeof value.kind === "string";
}

/** Whether a flow is wanted. How many were not told is always told: nobody knows what they were. */
export function selectFlows({ namespace, pod, policy }: FlowSelection): (flow: FlowDocument) => boolean {
  const isPod = anyOf(pod?.map((each) => podTest(each, namespace)));
  const isPolicy = anyOf(policy?.map((each) => policyTest(each, namespace)));
  return (flow) => {
    if (flow.kind === "suppressed") return true;
    const ends = [flow.source, flow.destination];
    if (isPod !== undefined && !ends.some(isPod)) return false;
    if (isPod === undefined && namespace !== undefined && !ends.some((end) => isIn(end, namespace)))
      return false;
    return isPolicy === undefined || flow.policies.some(isPolicy);
  };
}

/** True where one of the tests is; without any there is none. */
function anyOf<T>(
  tests: readonly ((value: T) => boolean)[] | undefined,
): ((value: T) => boolean) | undefined {
  return tests && ((value) => tests.some((test) => test(value)));
}

function isIn({ pod }: FlowEndDocument, namespace: string): boolean {
  return pod?.startsWith(`${namespace}/`) === true;
}

function podTest(name: string, namespace: string | undefined): (end: FlowEndDocument) => boolean {
  const full = name.includes("/") || namespace === undefined ? name : `${namespace}/${name}`;
  const isSame = (id: string | undefined): boolean =>
    id !== undefined && (id === full || (!full.includes("/") && id.endsWith(`/${full}`)));
  // A workload is written with its kind: `shop/db[StatefulSet]`.
  return ({ pod, workload }) =>
    isSame(pod) || isSame(workload) || isSame(workload?.slice(0, workload.lastIndexOf("[")));
}

function policyTest(text: string, namespace: string | undefined): (policy: string) => boolean {
  const [type = "", name] = text.split("/");
  if (name === undefined || policyResource(type) === undefined) return nameTest(text, namespace);
  const [wanted] = parsePolicyNames([text], namespace ?? "");
  const { resource } = wanted!;
  if (!resource.namespaced || namespace !== undefined) {
    const id = policyIdOf(wanted!);
    return (policy) => policy === id;
  }
  const isNamed = nameTest(name, undefined);
  return (policy) => policy.startsWith(`${resource.kind} `) && isNamed(policy);
}

/** Of any kind, and without a namespace of any: of `NetworkPolicy shop/db`, `shop/db` and `db`. */
function nameTest(name: string, namespace: string | undefined): (policy: string) => boolean {
  const names = name.includes("/") || namespace === undefined ? [name] : [name, `${namespace}/${name}`];
  return (policy) => {
    const own = policy.slice(policy.indexOf(" ") + 1);
    return names.includes(own) || (namespace === undefined && own.endsWith(`/${name}`));
  };
}
