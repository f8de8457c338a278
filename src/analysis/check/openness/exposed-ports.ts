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
import { listOf, workloadsOf } from "../words.ts";
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
    for (const [code, services] of unlimited) yield unlimitedFinding(code, services);
  },
};

type ExposureCode = Extract<CheckCode, "exposed-database" | "exposed-admin-port">;

interface ExposedService {
  readonly pod: ClusterPod;
  readonly port: WellKnownPort;
}

/** A rule that lets everyone in. */
interface ExposingRule {
  readonly code: ExposureCode;
  readonly policy: Policy;
  readonly rule: Rule;
  readonly peer: Peer | "everyone";
  readonly everyone: Everyone;
  /** One for each workload and port. */
  readonly services: Map<string, ExposedService>;
}

interface ExposedServices {
  readonly byRule: ReadonlyMap<string, ExposingRule>;
  readonly unlimited: ReadonlyMap<ExposureCode, ReadonlyMap<string, ExposedService>>;
}

function exposedServices({ cluster, engine }: CheckContext): ExposedServices {
  const isOpen = openPods(engine);
  const byRule = new Map<string, ExposingRule>();
  const unlimited = new Map<ExposureCode, Map<string, ExposedService>>();
  for (const pod of cluster.pods) {
    const podClass = classOf(engine, pod);
    if (podClass === undefined) continue;
    for (const port of sensitivePorts(pod)) {
      const code = givesPower(port) ? "exposed-admin-port" : "exposed-database";
      const service = `${pod.workload} ${port.protocol} ${port.port}`;
      const exposed = { pod, port };
      if (isOpen(pod, "ingress") === true) {
        const found = unlimited.get(code);
        if (found === undefined) unlimited.set(code, new Map([[service, exposed]]));
        else if (!found.has(service)) found.set(service, exposed);
        continue;
      }
      const everyone = everyoneAdmitted(engine, podClass, port);
      if (everyone === undefined) continue;
      const admitting = admittingRule(engine, podClass, exposed, everyone);
      if (admitting === undefined) continue;
      const { policy, rule } = admitting;
      const key = `${code} ${policy.kind} ${policy.id} ${rule.index} ${everyone}`;
      const found = byRule.get(key);
      if (found === undefined) {
        byRule.set(key, { code, ...admitting, everyone, services: new Map([[service, exposed]]) });
      } else if (!found.services.has(service)) found.services.set(service, exposed);
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
    severity: severityOf(everyone, [...ports]),
    position: policy.origin.position(peer === "everyone" ? rule.path : peer.path),
    object: describePolicy(policy),
    message: `This rule lets ${WHO[everyone]} connect to ${servicesText(exposed)}.`,
    help: "Name the pods that need it under from, such as podSelector: {matchLabels: {app: api}}.",
  });
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

function unlimitedFinding(code: ExposureCode, services: ReadonlyMap<string, ExposedService>): Finding {
  const exposed = [...services.values()];
  const [{ pod }] = exposed as [ExposedService];
  return findingOf(code, {
    severity: "info",
    position: pod.origin.position(["metadata", "name"]),
    message: `Everyone may connect to ${servicesText(exposed)}: no policy limits who may.`,
    help: `Add a policy that selects ${exposed.length === 1 ? "it" : "each"} and lets in the pods that need it.`,
  });
}

/** `shop/db (PostgreSQL, TCP 5432) and shop/cache (Redis, TCP 6379)`. */
function servicesText(exposed: readonly ExposedService[]): string {
  return listOf(
    exposed.map(({ pod, port }) => `${workloadsOf([pod])} (${port.name}, ${port.protocol} ${port.port})`),
  );
}
