import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyFixes, type WhichFixes } from "../../src/analysis/fix/apply-fixes.ts";
import type { Finding } from "../../src/k8s/finding.ts";
import { parseManifests } from "../../src/k8s/manifests.ts";

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "every-mistake", name), "utf8");
}

/** The text after one run, which must be enough, and what is found then. */
function fixed(
  text: string,
  which: WhichFixes,
): { readonly text: string; readonly left: readonly Finding[] } {
  const { findings } = parseManifests([{ file: "f", text }]);
  const { files, refused } = applyFixes([{ file: "f", text }], findings, which);
  expect(refused).toEqual([]);
  const after = files[0]?.text ?? text;
  return { text: after, left: parseManifests([{ file: "f", text: after }]).findings };
}

describe("a file with every mistake that can be mended", () => {
  const before = fixture("before.yaml");

  it("is changed where it must be by the safe fixes, and nowhere else", () => {
    const { text, left } = fixed(before, "safe");
    expect(text).toBe(fixture("safe.yaml"));
    expect(left.filter(({ fix }) => fix?.safe)).toEqual([]);
  });

  it("has no mistake left after all fixes", () => {
    const { text, left } = fixed(before, "all");
    expect(text).toBe(fixture("all.yaml"));
    expect(left).toEqual([]);
  });

  it("keeps its line ends, its byte order mark and a last line without an end", () => {
    const windows = (text: string): string => `\ufeff${text.replaceAll("\n", "\r\n").replace(/\r\n$/, "")}`;
    expect(fixed(windows(before), "all").text).toBe(windows(fixture("all.yaml")));
  });

  it("has every code for which there is a fix", () => {
    const { findings } = parseManifests([{ file: "f", text: before }]);
    const codes = new Set(findings.flatMap(({ code, fix }) => (fix === undefined ? [] : [code])));
    expect([...codes].sort()).toEqual([
      "bad-cidr",
      "bad-port",
      "bad-port-name",
      "bad-port-range",
      "cidr-not-canonical",
      "cluster-scoped",
      "duplicate-item",
      "empty-label-value",
      "end-port-below-port",
      "label-not-string",
      "unknown-field",
      "unknown-operator",
      "unknown-policy-type",
      "unknown-protocol",
      "unknown-value",
      "unsupported-version",
      "wrong-type",
      "yaml-tab",
    ]);
  });

  it.each([undefined, 2, "\t"])("is JSON with indent %j as well", (indent) => {
    const policy = (version: string, label: unknown, type: string, port: unknown): string =>
      JSON.stringify(
        {
          apiVersion: version,
          kind: "NetworkPolicy",
          metadata: { name: "db", labels: { tier: label } },
          spec: { podSelector: {}, policyTypes: [type], ingress: [{ ports: [{ port }] }] },
        },
        null,
        indent,
      );
    const before = policy("extensions/v1beta1", 1, "ingress", "80");
    expect(fixed(before, "safe").text).toBe(policy("networking.k8s.io/v1", "1", "Ingress", 80));
  });
});
