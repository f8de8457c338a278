import { describe, expect, it } from "vitest";
import { holdsPolicy } from "./holds-policy.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import { parseManifests } from "./manifests.ts";
import { readPlainYaml } from "./plain-yaml.ts";

const SPECS: Readonly<Record<string, { apiVersion: string; name?: string; spec: object }>> = {
  NetworkPolicy: { apiVersion: "networking.k8s.io/v1", spec: { podSelector: {} } },
  ClusterNetworkPolicy: {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    spec: { tier: "Admin", priority: 1, subject: { namespaces: {} } },
  },
  AdminNetworkPolicy: {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    spec: { priority: 1, subject: { namespaces: {} } },
  },
  BaselineAdminNetworkPolicy: {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    name: "default",
    spec: { subject: { namespaces: {} } },
  },
};

/** As kubectl prints one that was applied. `kind` comes last, so that nothing before says what it is. */
function policyObject(kind: string, mode?: unknown): object {
  const { apiVersion, name = "p", spec } = SPECS[kind]!;
  const applied = JSON.stringify({ apiVersion, kind, spec });
  const annotations = {
    "kubectl.kubernetes.io/last-applied-configuration": applied,
    ...(mode === undefined ? {} : { "podwall.io/mode": mode }),
  };
  return { apiVersion, metadata: { annotations, name }, spec, kind };
}

/** As kubectl prints it: block mappings, quoted where a program would. */
function policyYaml(mode: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  annotations:
    podwall.io/mode: ${mode}
  name: p
spec:
  podSelector: {}
`;
}

function read(text: string | Uint8Array, file = "f.yaml"): { audit: unknown; findings: string[] } {
  const { objects, findings } = parseManifests([{ file, text }]);
  const [policy] = objects;
  return {
    audit: policy !== undefined && "audit" in policy,
    findings: findings.map(({ code, position: { line, column } }) => `${line}:${column} ${code}`),
  };
}

describe("the mode of a policy", () => {
  describe.each(Object.keys(SPECS))("%s", (kind) => {
    it("is read from JSON, though annotations are not read of other objects", () => {
      const text = JSON.stringify(policyObject(kind, "audit"));
      expect(read(text)).toEqual({ audit: true, findings: [] });
      expect(read(new TextEncoder().encode(text))).toEqual({ audit: true, findings: [] });
    });

    it("is read from an item of a list, of any kind or of its own", () => {
      const item = policyObject(kind, "audit");
      expect(read(JSON.stringify({ kind: "List", apiVersion: "v1", items: [item] })).audit).toBe(true);
      const { apiVersion, kind: _kind, ...untyped } = item as Record<string, unknown>;
      expect(read(JSON.stringify({ kind: `${kind}List`, apiVersion, items: [untyped] })).audit).toBe(true);
      expect(read(JSON.stringify([item])).audit).toBe(true);
      const inner = { kind: "List", apiVersion: "v1", items: [item] };
      expect(read(JSON.stringify({ kind: "List", apiVersion: "v1", items: [inner] })).audit).toBe(true);
      expect(read(JSON.stringify({ kind: "List", apiVersion: "v1", items: item })).audit).toBe(true);
    });

    it("is enforce unless the annotation says otherwise", () => {
      expect(read(JSON.stringify(policyObject(kind))).audit).toBe(false);
      expect(read(JSON.stringify(policyObject(kind, "enforce")))).toEqual({ audit: false, findings: [] });
    });
  });

  it("is read from YAML by the fast reader and by the full one", () => {
    expect(readPlainYaml(policyYaml("audit"))).toMatchObject({
      metadata: { annotations: { "podwall.io/mode": "audit" } },
    });
    expect(read(policyYaml("audit"))).toEqual({ audit: true, findings: [] });
    expect(read(policyYaml("!!str audit"))).toEqual({ audit: true, findings: [] });
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${policyYaml("audit").trim().replaceAll("\n", "\n  ")}\n`;
    expect(read(list)).toEqual({ audit: true, findings: [] });
  });

  it.each([
    ["Audit", "unknown-value"],
    ["monitor", "unknown-value"],
    ['""', "unknown-value"],
    ["true", "wrong-type"],
  ])("%s is none: an error, and the policy is enforced", (mode, code) => {
    expect(read(policyYaml(mode))).toEqual({ audit: false, findings: [`5:22 ${code}`] });
  });

  it("that is wrong puts no rule in doubt", () => {
    const { objects, findings } = parseManifests([{ file: "f", text: policyYaml("Audit") }]);
    expect(objects).toMatchObject([{ broken: false }]);
    expect(findings).toMatchObject([{ severity: "error", help: "Did you mean audit?" }]);
  });

  it("of a broken policy is read as well", () => {
    const text = policyYaml("audit").replace("podSelector", "podselector");
    const { objects } = parseManifests([{ file: "f", text }]);
    expect(objects).toMatchObject([{ broken: true, audit: true }]);
  });

  it("that is there twice is no audit", () => {
    const twice = policyYaml("audit").replace("  name", "    podwall.io/mode: audit\n  name");
    expect(read(twice)).toEqual({ audit: false, findings: ["6:5 duplicate-key"] });
  });
});

describe("what is parsed again for its annotations", () => {
  it.each([...KNOWN_KINDS.keys()])("%s, if it is a policy", (kind) => {
    expect(holdsPolicy({ apiVersion: "v1", kind })).toBe(kind.endsWith("NetworkPolicy") && kind in SPECS);
  });

  it("is what was meant to be one", () => {
    expect(holdsPolicy({ kind: "NetworkPolcy", apiVersion: "networking.k8s.io/v1" })).toBe(true);
    expect(holdsPolicy({ spec: { podSelector: {} } })).toBe(true);
    expect(holdsPolicy({ kind: "ConfigMap", apiVersion: "v1", data: {} })).toBe(false);
    expect(holdsPolicy({ kind: "PodList", apiVersion: "v1", items: [{ spec: {} }] })).toBe(false);
  });
});
