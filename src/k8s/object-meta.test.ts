import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";

function policy(metadata: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
${metadata.replaceAll(/^/gm, "  ")}
spec: {podSelector: {}, ingress: [{}]}
`;
}

function clusterPolicy(metadata: string): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: p
${metadata.replaceAll(/^/gm, "  ")}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}}
`;
}

/** `code line:column message` of every finding. */
function findings(text: string): string[] {
  return parseManifests([{ file: "p.yaml", text }]).findings.map(
    ({ code, position, message }) => `${code} ${position.line}:${position.column} ${message}`,
  );
}

const OWNER = "apiVersion: apps/v1, kind: Operator, name: o, uid: u";
const LONG = "b".repeat(256 * 1024 - 1);

describe("the metadata of a policy", () => {
  it.each([
    "annotations: {Example.com/Any_Key.1: ''}",
    `annotations: {a: ${LONG}}`,
    "generateName: p-",
    "generateName: ''",
    "creationTimestamp: null",
    "creationTimestamp: '2026-01-02T03:04:05Z'",
    "deletionTimestamp: 2026-01-02T03:04:05.678901+01:00",
    "generation: 1",
    "finalizers: [example.com/cleanup, foregroundDeletion]",
    `ownerReferences: [{${OWNER}, controller: true, blockOwnerDeletion: true}, {${OWNER}}]`,
    "managedFields: [{manager: kubectl}]",
  ])("may have %.60s", (metadata) => {
    expect(findings(policy(metadata))).toEqual([]);
    expect(findings(clusterPolicy(metadata))).toEqual([]);
  });

  it.each([
    ["annotations: {a/b/c: x}", 'bad-name 5:17 The key of the annotation "a/b/c" has more than one slash.'],
    [
      `annotations: {a: ${LONG}b}`,
      "annotations-too-large 5:3 The annotations have 262145 bytes; the API server takes 262144 in all.",
    ],
    [
      `annotations: {a: ${"ü".repeat(128 * 1024)}}`,
      "annotations-too-large 5:3 The annotations have 262145 bytes; the API server takes 262144 in all.",
    ],
    [
      "generateName: Policy-",
      'bad-name 5:17 generateName "Policy-" may have only a-z, 0-9, - and ., and each part must begin and end with a letter or digit.',
    ],
    ["uid: 1", "wrong-type 5:8 metadata.uid must be text, not the number 1."],
    ["generation: one", 'wrong-type 5:15 metadata.generation must be a whole number, not "one".'],
    [
      "creationTimestamp: today",
      'unknown-value 5:22 metadata.creationTimestamp is "today", which is no time.',
    ],
    [
      "ownerReferences: [{apiVersion: v1, kind: Pod, name: p}]",
      "missing-field 5:21 metadata.ownerReferences[0].uid is missing.",
    ],
    [
      `ownerReferences: [{${OWNER}, owner: true}]`,
      'unknown-field 5:76 An owner reference has no field "owner".',
    ],
    [
      "ownerReferences: [{apiVersion: a/b/c, kind: Pod, name: p, uid: u}]",
      'unsupported-version 5:34 "a/b/c" is no apiVersion.',
    ],
    [
      `ownerReferences:\n- {${OWNER}, controller: true}\n- {${OWNER}, controller: true}`,
      "duplicate-item 7:60 Two owners say that they control this object; there can be only one.",
    ],
    [
      "finalizers: [-a/b]",
      'bad-name 5:16 The finalizer "-a/b" has a prefix (-a) that may have only a-z, 0-9, - and ., and each part must begin and end with a letter or digit.',
    ],
    [
      "finalizers: [orphan, foregroundDeletion]",
      "one-of 5:3 The finalizers orphan and foregroundDeletion exclude each other.",
    ],
  ])("must not have %.60s", (metadata, finding) => {
    expect(findings(policy(metadata))).toEqual([finding]);
    expect(findings(clusterPolicy(metadata))).toEqual([finding]);
  });

  it("may have finalizers without a domain only where the kind is not one of Kubernetes' own", () => {
    expect(findings(policy("finalizers: [cleanup]"))).toEqual([
      'bad-name 5:16 The finalizer "cleanup" is no finalizer of Kubernetes, and has no domain.',
    ]);
    expect(findings(clusterPolicy("finalizers: [cleanup]"))).toEqual([]);
  });

  it("closes the policy, which the API server does not store, and keeps it", () => {
    const { objects } = parseManifests([{ file: "p.yaml", text: policy("finalizers: [cleanup]") }]);
    expect(objects).toMatchObject([{ kind: "NetworkPolicy", name: "p", broken: true }]);
  });
});
