import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import type { Engine } from "../../../engine/engine.ts";
import { rulePorts } from "../../../engine/ports.ts";
import type { Finding, Severity } from "../../../k8s/finding.ts";
import { selectorKey } from "../../../k8s/selector.ts";
import { FAMILIES } from "../../../net/address.ts";
import { portSetHas } from "../../../net/port-set.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { Peer, Policy, Rule } from "../../../policy/policy.ts";
import type { ServiceKind, WellKnownPort } from "../../well-known-ports.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import type { CheckCode } from "../codes.ts";
import { isNamedOpen } from "../named-open.ts";
import { listOf, workloadsOf } from "../words.ts";
import { selectsEveryPod } from "./egress-rules.ts";
import { classOf, openPods } from "./open-pods.ts";
import { sensitivePorts } from "./sensitive-ports.ts";

/**
 * Databases and other stores, and ports that give power, that everyone may connect to: all addresses outside, or every
 * pod of every namespace. Told for each rule that lets them in; once for all that no policy closes.
 */
export const exposedPorts: Check = {
  codes: ["exposed-database", "exposed-admin-port"],
  *run(context) {
    const { byRule, unlimited } = exposedServices(context);
    for (const exposed of byRule.values()) yield admittedFinding(exposed);
    for (const exposed of unlimited.values()) yield unlimitedFinding(exposed);
  },
};

type ExposureCode = Extract<CheckCode, "exposed-database" | "exposed-admin-port">;

interface ExposedService {
  readonly pod: ClusterPod;
  readonly port: WellKnownPort;
}

/** Services of which the same is to be said. */
interface ExposedGroup {
  readonly code: ExposureCode;
  readonly everyone: Everyone;
  /** One for each workload and port. */
  readonly services: Map<string, ExposedService>;
}

/** Those that one rule lets everyone connect to. */
interface ExposingRule extends ExposedGroup {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly peer: Peer | "everyone";
}

interface ExposedServices {
  readonly byRule: ReadonlyMap<string, ExposingRule>;
  readonly unlimited: ReadonlyMap<string, ExposedGroup>;
}

function exposedServices({ cluster, engine }: CheckContext): ExposedServices {
  const isOpen = openPods(engine);
  const byRule = new Map<string, ExposingRule>();
  const unlimited = new Map<string, ExposedGroup>();
  for (const pod of cluster.pods) {
    const podClass = classOf(engine, pod);
    if (podClass === undefined) continue;
    for (const port of sensitivePorts(pod)) {
      const everyone = everyoneAdmitted(engine, podClass, port);
      if (everyone === undefined) continue;
      const code = givesPower(port) ? "exposed-admin-port" : "exposed-database";
      const service = `${pod.workload} ${port.protocol} ${port.port}`;
      const exposed = { pod, port };
      if (isOpen(pod, "ingress") === true) {
        const key = `${code} ${everyone}`;
        const group = unlimited.get(key) ?? { code, everyone, services: new Map() };
        unlimited.set(key, group);
        if (!group.services.has(service)) group.services.set(service, exposed);
        continue;
      }
      const admitting = admittingRule(engine, podClass, exposed, everyone);
      if (admitting === undefined) continue;
      const { policy, rule, peer } = admitting;
      const who = leavesOut(peer) ? "outside" : everyone;
      const key = `${code} ${policy.kind} ${policy.id} ${rule.index} ${who}`;
      const group = byRule.get(key) ?? { code, ...admitting, everyone: who, services: new Map() };
      byRule.set(key, group);
      if (!group.services.has(service)) group.services.set(service, exposed);
    }
  }
  return { byRule, unlimited };
}

/** Who everyone is. */
type Everyone = "inside-and-outside" | "outside" | "inside";

/** Whether a port lets in strangers, of which no policy knows anything: in some family, after all policies. */
function everyoneAdmitted(engine: Engine, podClass: PodClass, port: WellKnownPort): Everyone | undefined {
  let [outside, inside] = [false, false];
  for (const family of FAMILIES) {
    if (podClass.areas[family] === undefined) continue;
    const view = engine.view(family);
    const row = view.row("ingress", podClass);
    outside ||= portSetHas(view.portsOfArea(row, view.areas.root), port);
    inside ||= portSetHas(row.restOfClasses, port);
  }
  if (outside) return inside ? "inside-and-outside" : "outside";
  return inside ? "inside" : undefined;
}

/** The rule that lets them in: the first that is wide enough. None where only the lack of rules lets them in. */
function admittingRule(
  engine: Engine,
  podClass: PodClass,
  { pod, port }: ExposedService,
  everyone: Everyone,
): Pick<ExposingRule, "policy" | "rule" | "peer"> | undefined {
  for (const policy of engine.view(4).policiesOf(podClass)) {
    if (policy.tier === "NetworkPolicy" && !policy.isolates.ingress) continue;
    for (const rule of policy.rules.ingress) {
      if (rule.action !== "Accept" || !portSetHas(rulePorts(rule, pod.ports), port)) continue;
      const peer =
        rule.peers === "everyone" ? "everyone" : rule.peers.find((each) => isEveryone(each, everyone));
      if (peer !== undefined) return { policy, rule, peer };
    }
  }
  return undefined;
}

/** True for a block with exceptions: what else lets pods inside in is another rule. */
function leavesOut(peer: Peer | "everyone"): boolean {
  return peer !== "everyone" && peer.kind === "addresses" && peer.except.length > 0;
}

function isEveryone(peer: Peer, everyone: Everyone): boolean {
  if (peer.kind === "addresses") return peer.cidr.prefix === 0;
  if (peer.kind !== "pods" || everyone !== "inside") return false;
  const { namespaces, pods } = peer.selection;
  return namespaces.kind === "selector" && selectorKey(namespaces.selector) + selectorKey(pods) === "";
}

const WHO: Readonly<Record<Everyone, string>> = {
  "inside-and-outside": "everyone, inside and outside of the cluster,",
  outside: "every address outside of the cluster",
  inside: "every pod of every namespace",
};

function admittedFinding({ code, policy, rule, peer, everyone, services }: ExposingRule): Finding {
  const exposed = [...services.values()];
  const ports = new Set(exposed.map(({ port }) => port));
  return findingOf(code, {
    severity: opensEverything(policy, rule) ? "info" : severityOf(everyone, [...ports]),
    position: policy.origin.position(peer === "everyone" ? rule.path : peer.path),
    object: describePolicy(policy),
    message: `This rule lets ${WHO[everyone]} connect to ${servicesText(exposed)}.`,
    help: "Name under from the pods that need it, such as podSelector: {matchLabels: {app: api}}.",
  });
}

/** What opens a whole namespace, and is called so, says no more of this port than no policy at all would. */
function opensEverything(policy: Policy, { peers, ports }: Rule): boolean {
  return peers === "everyone" && ports === "all" && selectsEveryPod(policy) && isNamedOpen(policy.id);
}

function givesPower({ kind }: WellKnownPort): boolean {
  return kind === "admin" || kind === "cluster";
}

/** SSH and FTP serve people anywhere, and some services are made to be shared within a cluster: both are often meant. */
function severityOf(everyone: Everyone, ports: readonly WellKnownPort[]): Severity {
  const isOftenMeant = ({ kind, port }: WellKnownPort): boolean =>
    FOR_PEOPLE.has(port) || (everyone === "inside" && (SHARED_KINDS.has(kind) || SHARED.has(port)));
  return ports.every(isOftenMeant) ? "info" : "warning";
}

const FOR_PEOPLE: ReadonlySet<number> = new Set([21, 22]);
const SHARED_KINDS: ReadonlySet<ServiceKind> = new Set(["queue", "search", "files"]);
/** Directories, Vault and Consul. */
const SHARED: ReadonlySet<number> = new Set([389, 636, 8200, 8500]);

function unlimitedFinding({ code, everyone, services }: ExposedGroup): Finding {
  const exposed = [...services.values()];
  const [{ pod }] = exposed as [ExposedService];
  const who = everyone === "inside-and-outside" ? "everyone" : WHO[everyone];
  return findingOf(code, {
    severity: "info",
    position: pod.origin.position(["metadata", "name"]),
    message: `${who.charAt(0).toUpperCase()}${who.slice(1)} may connect to ${servicesText(exposed)}: no policy closes ${exposed.length === 1 ? "it" : "them"}.`,
    help: `Add a policy that selects ${exposed.length === 1 ? "it" : "each"} and lets in the pods that need it.`,
  });
}

/** `shop/db (PostgreSQL, TCP 5432) and shop/cache (Redis, TCP 6379)`. */
function servicesText(exposed: readonly ExposedService[]): string {
  return listOf(
    exposed.map(({ pod, port }) => `${workloadsOf([pod])} (${port.name}, ${port.protocol} ${port.port})`),
  );
}
