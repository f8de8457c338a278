import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORIGIN } from "../cluster/objects.fixture.ts";
import { parseObject } from "../k8s/object.ts";
import type { ClusterPolicy, Direction } from "../k8s/objects.ts";
import { policyOf } from "./policies.ts";
import type { Rule } from "./policy.ts";

type Mapping = Record<string, unknown>;

const SELECTED = { pods: { namespaceSelector: {}, podSelector: { matchLabels: { a: "b" } } } };
const NETWORKS = { networks: ["10.0.0.0/8", "fd00::/8"] };

/** Policies in which every field occurs. */
const BASES: readonly Mapping[] = [
  {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name: "p" },
    spec: {
      tier: "Admin",
      priority: 1,
      subject: { namespaces: {} },
      ingress: [
        { action: "Accept", from: [SELECTED], protocols: [{ destinationNamedPort: "web" }] },
        { name: "rest", action: "Deny", from: [{ namespaces: {} }] },
      ],
      egress: [
        {
          action: "Pass",
          to: [{ nodes: {} }, NETWORKS],
          protocols: [
            { tcp: { destinationPort: { number: 80 } } },
            { sctp: { destinationPort: { range: { start: 1, end: 2 } } } },
          ],
        },
        { action: "Accept", to: [{ domainNames: ["*.example.com"] }] },
      ],
    },
  },
  {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "AdminNetworkPolicy",
    metadata: { name: "p" },
    spec: {
      priority: 1,
      subject: SELECTED,
      ingress: [{ action: "Allow", from: [SELECTED], ports: [{ namedPort: "web" }] }],
      egress: [
        {
          action: "Pass",
          to: [{ nodes: {} }, NETWORKS],
          ports: [{ portNumber: { port: 80 } }, { portRange: { protocol: "UDP", start: 1, end: 2 } }],
        },
      ],
    },
  },
  {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "BaselineAdminNetworkPolicy",
    metadata: { name: "default" },
    spec: { subject: { namespaces: {} }, ingress: [{ action: "Deny", from: [{ namespaces: {} }] }] },
  },
];

const VALUES: readonly unknown[] = [
  ...[null, 0, -1, 1.5, 80, true, "", "x", "Deny", "10.0.0.0/8", [], {}, [null], [{}]],
  ...[{ a: 1 }, { namespaces: {} }, { toString: {} }, { matchLabels: { a: "b" } }, { matchLabels: { a: 1 } }],
];
const KEYS: readonly string[] = [
  ...[
    "namespaces",
    "pods",
    "nodes",
    "networks",
    "domainNames",
    "tcp",
    "range",
    "ingress",
    "egress",
    "subject",
  ],
  ...["name", "protocols", "ports", "constructor", "toString", "newer"],
];

interface Mutation {
  readonly at: number;
  readonly how: "remove" | "replace" | "add" | "rename";
  readonly value: unknown;
  readonly key: string;
}

const MUTATION: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom<Mutation["how"]>("remove", "replace", "add", "rename"),
  value: fc.constantFrom(...VALUES),
  key: fc.constantFrom(...KEYS),
});

/** Changes one place below `spec`, where what stands is either a mapping or a list. */
function mutate(policy: Mapping, { at, how, value, key }: Mutation): void {
  const places: [Mapping | unknown[], string][] = [];
  const collect = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const field of Object.keys(node)) {
      places.push([node as Mapping, field]);
      collect((node as Mapping)[field]);
    }
  };
  collect({ spec: policy.spec });
  const [holder, field] = places[at % places.length]!;
  // The place of `spec` itself lies in a copy.
  const target = field === "spec" && !Array.isArray(holder) ? policy : holder;
  if (Array.isArray(target)) {
    if (how === "remove") target.splice(Number(field), 1);
    else target[Number(field)] = structuredClone(value);
    return;
  }
  const old = target[field];
  if (how === "remove" || how === "rename") delete target[field];
  if (how === "rename") target[key] = old;
  if (how === "replace") target[field] = structuredClone(value);
  if (how === "add") target[key] = structuredClone(value);
}

const MUTATED = fc
  .tuple(fc.constantFrom(...BASES), fc.array(MUTATION, { minLength: 1, maxLength: 3 }))
  .map(([base, mutations]) => {
    const policy = structuredClone(base);
    for (const mutation of mutations) mutate(policy, mutation);
    return policy;
  });

/** That no part of a written rule was lost on the way. */
function expectWhole(rule: Rule, written: Mapping): void {
  if (rule.failsClosed !== undefined) return;
  const peers = (written.from ?? written.to) as readonly Mapping[];
  const expected = peers.reduce((sum, peer) => sum + ((peer.networks as string[] | null)?.length ?? 1), 0);
  expect(rule.peers).toHaveLength(expected);
  const ports = (written.protocols ?? written.ports) as readonly unknown[] | null | undefined;
  if (ports === undefined || ports === null) expect(rule.ports).toBe("all");
  else expect(rule.ports).toHaveLength(ports.length);
}

describe("policies with something wrong at any place", () => {
  it("are broken with a finding, or lose nothing that is written", () => {
    const seen = { broken: 0, whole: 0, closed: 0 };
    fc.assert(
      fc.property(MUTATED, (value) => {
        const { objects, findings } = parseObject(value, ORIGIN);
        const policy = objects[0] as ClusterPolicy;
        const { rules } = policyOf(policy);
        expect(policy.broken).toBe(findings.some(({ severity }) => severity === "error"));
        if (policy.broken) {
          seen.broken++;
          return;
        }
        seen.whole++;
        const closed = [...rules.ingress, ...rules.egress].some((rule) => rule.failsClosed !== undefined);
        expect(closed).toBe(findings.some(({ code }) => code === "unknown-matcher"));
        if (closed) seen.closed++;
        for (const direction of ["ingress", "egress"] satisfies Direction[]) {
          const written = ((value.spec as Mapping)[direction] ?? []) as Mapping[];
          expect(rules[direction]).toHaveLength(written.length);
          for (const [index, rule] of rules[direction].entries()) expectWhole(rule, written[index]!);
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
  });
});
