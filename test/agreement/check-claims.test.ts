// What checks say of traffic is asked of the engine, on random clusters: that nobody gets in, that nothing changes without
// a rule, that so many pods are chosen.
import { expect, it } from "vitest";
import type { CheckContext, CheckedNetworkPolicy } from "../../src/analysis/check/check.ts";
import { CHECKS } from "../../src/analysis/check/checks.ts";
import type { CheckCode } from "../../src/analysis/check/codes.ts";
import { dnsOf } from "../../src/analysis/check/traffic/dns.ts";
import { policyId } from "../../src/cluster/change.ts";
import type { Cluster, ClusterPod } from "../../src/cluster/cluster.ts";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { rulePorts } from "../../src/engine/ports.ts";
import type { Finding } from "../../src/k8s/finding.ts";
import type { Direction, NetworkPolicySpec } from "../../src/k8s/objects.ts";
import { selectorMatches } from "../../src/k8s/selector.ts";
import { FAMILIES, parseAddress } from "../../src/net/address.ts";
import { intersectPorts, NO_PORTS, portSetHas, portSetTokens } from "../../src/net/port-set.ts";
import type { Peer, Rule } from "../../src/policy/policy.ts";
import { checkContextOf, randomManifests } from "./checks.ts";

const CLUSTERS = Number(process.env.PODWALL_CHECK_CLUSTERS ?? 110);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

/** In no block of the generator but those of whole families. */
const STRANGERS: readonly End[] = ["203.0.113.77", "2001:db8:77::1"].map((text) => ({
  kind: "address",
  address: parseAddress(text)!,
}));

it("what checks say of traffic is so", { timeout: 300_000 }, () => {
  const asked = new Map<CheckCode, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const { text, everything } = randomManifests(seed);
    const context = checkContextOf([text], everything);
    for (const finding of CHECKS.flatMap((check) => [...check.run(context)])) {
      const code = finding.code as CheckCode;
      if (CLAIMS[code]?.(context, finding, `seed ${seed}: ${code}: ${finding.message}`) === true) {
        asked.set(code, (asked.get(code) ?? 0) + 1);
      }
    }
  }
  const seldom = Object.keys(CLAIMS).filter((code) => (asked.get(code as CheckCode) ?? 0) < 3);
  expect(seldom, JSON.stringify([...asked])).toEqual([]);
});

/** Checks what a finding says. False where this one says nothing that could be asked. */
type Claim = (context: CheckContext, finding: Finding, where: string) => boolean;

const CLAIMS: Partial<Record<CheckCode, Claim>> = {
  "or-instead-of-and": (context, finding, where) => {
    const { rule, checked } = ruleAt(context, finding);
    const [either, both] = [finding.message, finding.help!].map((text) => {
      const counted = /(no|[\d,]+) pods? today\)/.exec(text)?.[1];
      return counted === undefined || counted === "no" ? 0 : Number(counted);
    });
    const peers = rule.peers as readonly Peer[];
    const place = peers.indexOf(peerAt(finding, checked, rule));
    const [a, b] = [peers[place], peers[place + 1]];
    const chosen = context.cluster.pods.filter((pod) => isPeer(context, a!, pod) || isPeer(context, b!, pod));
    expect(either, where).toBe(chosen.length);
    expect(both, where).toBeLessThanOrEqual(chosen.length);
    return true;
  },
  "empty-from": everybodyPasses,
  "empty-to": everybodyPasses,
  "policy-selects-nothing": (context, finding, where) =>
    changesNothing(context, finding, where, () => undefined),
  "peer-selects-nothing": nobodyIsPeer,
  "pod-selector-in-other-namespace": nobodyIsPeer,
  "ignored-rules": withoutUnread,
  "empty-rules-ignored": withoutUnread,
  "named-port-unknown": (context, finding, where) => {
    if (!/^(The pod|None) /.test(finding.message)) return false;
    const { rule } = ruleAt(context, finding);
    return changesNothing(context, finding, where, (spec) =>
      withRule(spec, rule, (written) => ({
        ...written,
        ports: written.ports!.map((port) =>
          finding.message.includes(` ${port.protocol ?? "TCP"} port named ${port.port}:`)
            ? { ...port, port: "no-such-port" }
            : port,
        ),
      })),
    );
  },
  "policy-types-missing-egress": (context, finding, where) => {
    if (finding.message.includes("Today others do") || finding.message.includes("whole cluster"))
      return false;
    return areClosed(context, checkedOf(context, finding), "ingress", where);
  },
  "deny-all-by-type": (context, finding, where) => {
    const checked = checkedOf(context, finding);
    if (finding.message.includes(" of namespace ")) return false;
    return areClosed(
      context,
      checked,
      finding.message.includes("lists Ingress") ? "ingress" : "egress",
      where,
    );
  },
  "host-network-pods-selected": (context, finding, where) =>
    finding.message.startsWith("This policy limits nobody")
      ? changesNothing(context, finding, where, () => undefined)
      : false,
  "egress-without-dns": (context, finding, where) => {
    const { pods } = dnsOf(context);
    const counted = Number(/\((\d+) pods?\)/.exec(finding.message)![1]);
    const unable = context.cluster.pods.filter(
      (pod) =>
        !pod.hostNetwork &&
        pods.every((server) => server === pod || !canSend(context.engine, pod, server, "UDP", 53)),
    );
    if (pods.length > 0) expect(unable.length, where).toBeGreaterThanOrEqual(counted);
    return pods.length > 0;
  },
  "egress-meets-closed-ingress": nothingPasses,
  "ingress-meets-closed-egress": nothingPasses,
  "metadata-address": (context, finding, where) => {
    const metadata: End = { kind: "address", address: parseAddress("169.254.169.254")! };
    if (!finding.message.includes("169.254.169.254")) return false;
    return someSubject(context, finding, where, (pod) =>
      portSetHas(context.engine.ports(context.engine.endOf(pod), metadata, 4), { protocol: "TCP", port: 80 }),
    );
  },
  "kubelet-reachable": (context, finding, where) =>
    someSubject(context, finding, where, (pod) => reachesNode(context, pod, [10250, 10255])),
  "api-server-reachable": (context, finding, where) =>
    someSubject(context, finding, where, (pod) => reachesNode(context, pod, [6443])),
};

function checkedOf({ policies }: CheckContext, { object }: Finding): CheckContext["policies"][number] {
  return policies.find(({ source }) => policyId(source) === object)!;
}

/** The rule that a finding points into: the last that begins before its place. */
function ruleAt(
  context: CheckContext,
  finding: Finding,
): { readonly checked: CheckContext["policies"][number]; readonly rule: Rule } {
  const checked = checkedOf(context, finding);
  const { rules, origin } = checked.policy;
  const before = [...rules.ingress, ...rules.egress].filter((rule) =>
    isBefore(finding, origin.position(rule.path)),
  );
  return {
    checked,
    rule: before.sort((a, b) => origin.position(a.path).line - origin.position(b.path).line).at(-1)!,
  };
}

function peerAt(finding: Finding, { policy }: CheckContext["policies"][number], { peers }: Rule): Peer {
  return (peers as readonly Peer[]).findLast((peer) => isBefore(finding, policy.origin.position(peer.path)))!;
}

/** Nothing of these texts is on one line with anything else. */
function isBefore({ position }: Finding, { line }: Finding["position"]): boolean {
  return line <= position.line;
}

/** Reads the selectors anew. */
function isPeer({ cluster }: CheckContext, peer: Peer, pod: ClusterPod): boolean {
  if (peer.kind !== "pods" || pod.hostNetwork) return false;
  const { namespaces, pods } = peer.selection;
  const isThere =
    namespaces.kind === "name"
      ? namespaces.name === pod.namespace
      : selectorMatches(namespaces.selector, cluster.namespaces.get(pod.namespace)!.labels);
  return isThere && selectorMatches(pods, pod.labels);
}

/** Everything that may pass: between pods, and between them and strangers. */
function verdicts(cluster: Cluster): string {
  const engine = createEngine(cluster);
  const pods = cluster.pods.map((pod) => engine.endOf(pod));
  const all = [...pods, ...STRANGERS];
  return FAMILIES.flatMap((family) =>
    all.flatMap((from) => all.map((to) => portSetTokens(engine.ports(from, to, family)).join())),
  ).join("\n");
}

/** The verdicts of clusters as they are, which many findings are compared with. */
const known = new WeakMap<Cluster, string>();

/** Changes the NetworkPolicy that a finding is about, or takes it away, and demands that nothing else passes. */
function changesNothing(
  { cluster }: CheckContext,
  { object }: Finding,
  where: string,
  change: (spec: NetworkPolicySpec) => NetworkPolicySpec | undefined,
): boolean {
  const changed: Cluster = {
    ...cluster,
    networkPolicies: cluster.networkPolicies.flatMap((policy) => {
      if (policyId(policy) !== object) return policy;
      const spec = change(policy.spec);
      return spec === undefined ? [] : { ...policy, spec };
    }),
    clusterPolicies: cluster.clusterPolicies.filter((policy) => policyId(policy) !== object),
  };
  let before = known.get(cluster);
  if (before === undefined) {
    before = verdicts(cluster);
    known.set(cluster, before);
  }
  expect(verdicts(changed), where).toBe(before);
  return true;
}

type WrittenRule = NonNullable<NetworkPolicySpec["ingress"]>[number] &
  NonNullable<NetworkPolicySpec["egress"]>[number];

function withRule(
  spec: NetworkPolicySpec,
  { direction, index }: Rule,
  change: (written: WrittenRule) => WrittenRule,
): NetworkPolicySpec {
  const rules = spec[direction] as readonly WrittenRule[];
  return { ...spec, [direction]: rules.with(index, change(rules[index]!)) };
}

function nobodyIsPeer(context: CheckContext, finding: Finding, where: string): boolean {
  const { checked, rule } = ruleAt(context, finding);
  if (checked.source.kind !== "NetworkPolicy") return false;
  const place = (rule.peers as readonly Peer[]).indexOf(peerAt(finding, checked, rule));
  const nobody = { podSelector: { matchLabels: { "nobody.example.com/wears": "this" } } };
  return changesNothing(context, finding, where, (spec) =>
    withRule(spec, rule, (written) =>
      rule.direction === "ingress"
        ? { ...written, from: written.from!.with(place, nobody) }
        : { ...written, to: written.to!.with(place, nobody) },
    ),
  );
}

function withoutUnread(context: CheckContext, finding: Finding, where: string): boolean {
  const unread: Direction = /^The ingress|^ingress/.test(finding.message) ? "ingress" : "egress";
  return changesNothing(context, finding, where, ({ [unread]: _, ...spec }) => spec);
}

/** Where no policy of the whole cluster has a say. */
function everybodyPasses(context: CheckContext, finding: Finding, where: string): boolean {
  const { engine, cluster, selected } = context;
  const { checked, rule } = ruleAt(context, finding);
  if (cluster.clusterPolicies.length > 0) return false;
  for (const pod of selected.podsOf(checked.policy.subject)) {
    for (const stranger of STRANGERS) {
      if (stranger.kind !== "address") continue;
      const { family } = stranger.address;
      if (pod.addresses[family] === undefined) continue;
      const [from, to] =
        rule.direction === "ingress" ? [stranger, engine.endOf(pod)] : [engine.endOf(pod), stranger];
      const wanted = rulePorts(rule, rule.direction === "ingress" ? pod.ports : []);
      expect(intersectPorts(engine.ports(from, to, family), wanted), where).toBe(wanted);
    }
  }
  return true;
}

/** Nobody may connect to the pods that a finding names, nor they to anybody. */
function areClosed(
  { engine, cluster }: CheckContext,
  checked: CheckContext["policies"][number],
  direction: Direction,
  where: string,
): boolean {
  const { policy } = checked;
  const pods = cluster.pods.filter(
    (pod) => where.includes(pod.id) && pod.namespace === (checked as CheckedNetworkPolicy).source.namespace,
  );
  for (const pod of pods) {
    const own = engine.endOf(pod);
    for (const other of [...cluster.pods.map((each) => engine.endOf(each)), ...STRANGERS]) {
      if (other === own) continue;
      for (const family of FAMILIES) {
        const [from, to] = direction === "ingress" ? [other, own] : [own, other];
        // A node may always connect to its own pods.
        if (other.kind === "pod" && other.pod.hostNetwork && other.pod.node === pod.node) continue;
        expect(engine.ports(from, to, family), `${where} ${policy.id}`).toBe(NO_PORTS);
      }
    }
  }
  return pods.length > 0;
}

function canSend(
  engine: Engine,
  from: ClusterPod,
  to: ClusterPod,
  protocol: "UDP" | "TCP",
  port: number,
): boolean {
  return FAMILIES.some((family) =>
    portSetHas(engine.ports(engine.endOf(from), engine.endOf(to), family), { protocol, port }),
  );
}

function nothingPasses(context: CheckContext, finding: Finding, where: string): boolean {
  const { engine, cluster, selected } = context;
  const { checked, rule } = ruleAt(context, finding);
  const peer = peerAt(finding, checked, rule);
  for (const subject of selected.podsOf(checked.policy.subject)) {
    for (const other of cluster.pods.filter((pod) => isPeer(context, peer, pod) && pod !== subject)) {
      const [from, to] = rule.direction === "ingress" ? [other, subject] : [subject, other];
      for (const family of FAMILIES) {
        const passing = engine.ports(engine.endOf(from), engine.endOf(to), family);
        expect(intersectPorts(passing, rulePorts(rule, to.ports)), where).toBe(NO_PORTS);
      }
    }
  }
  return true;
}

/** True where the subject has pods; then one of them must do. */
function someSubject(
  context: CheckContext,
  finding: Finding,
  where: string,
  does: (pod: ClusterPod) => boolean,
): boolean {
  const pods = context.selected.podsOf(checkedOf(context, finding).policy.subject);
  if (pods.length === 0) return false;
  expect(pods.some(does), where).toBe(true);
  return true;
}

function reachesNode({ engine, cluster }: CheckContext, pod: ClusterPod, ports: readonly number[]): boolean {
  const addresses = [...cluster.nodes.values()].flatMap((node) => node.addresses);
  return addresses.some((address) => {
    const passing = engine.ports(engine.endOf(pod), { kind: "address", address }, address.family);
    return ports.some((port) => portSetHas(passing, { protocol: "TCP", port }));
  });
}
