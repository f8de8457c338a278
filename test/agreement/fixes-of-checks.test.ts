import { describe, expect, it } from "vitest";
import type { Check, CheckContext } from "../../src/analysis/check/check.ts";
import { MEANING_CHECKS } from "../../src/analysis/check/meaning/checks.ts";
import { checkContext } from "../../src/analysis/check/run-checks.ts";
import { TRAFFIC_CHECKS } from "../../src/analysis/check/traffic/checks.ts";
import { applyFixes } from "../../src/analysis/fix/apply-fixes.ts";
import { buildCluster } from "../../src/cluster/build.ts";
import { declaredNamespacesOf } from "../../src/cluster/declared-namespaces.ts";
import { parseManifests } from "../../src/k8s/manifests.ts";
import { randomCluster } from "../generators/cluster.ts";
import { clusterYaml } from "../generators/cluster-yaml.ts";

function contextOf(text: string): { readonly context: CheckContext; readonly errors: number } {
  const { objects, findings } = parseManifests([{ file: "input.yaml", text }]);
  return {
    errors: findings.filter(({ severity }) => severity === "error").length,
    context: checkContext({
      cluster: buildCluster(objects).cluster,
      declaredNamespaces: declaredNamespacesOf(objects),
      everything: false,
    }),
  };
}

/** Applies the fix of each finding about some random clusters, and looks again. Returns the codes that were met. */
function fixAll(checks: readonly Check[], clusters: number): string[] {
  const seen = new Set<string>();
  for (let seed = 1; seed <= clusters; seed++) {
    const text = clusterYaml(randomCluster(seed));
    const { context, errors } = contextOf(text);
    for (const check of checks) {
      for (const { code, object, message, fix, ...finding } of check.run(context)) {
        seen.add(code);
        if (fix === undefined) continue;
        const found = { ...finding, code, message, fix };
        const { files, refused } = applyFixes([{ file: "input.yaml", text }], [found], "all");
        expect(refused, `${seed} ${code}`).toEqual([]);
        const after = contextOf(files[0]!.text);
        expect(after.errors, `${seed} ${code}`).toBe(errors);
        const again = [...check.run(after.context)].map(
          (each) => `${each.code} ${each.object} ${each.message}`,
        );
        expect(again, `${seed}`).not.toContain(`${code} ${object} ${message}`);
      }
    }
  }
  return [...seen].sort();
}

// As many kinds as such clusters have: others need names that look alike, or Services.
describe("the fixes of findings about random clusters can be applied, and end them", () => {
  it("of what means something else than it looks", () => {
    expect(fixAll(MEANING_CHECKS, 60)).toEqual([
      "deny-all-by-type",
      "empty-from",
      "empty-namespace-selector",
      "empty-ports",
      "empty-rules-ignored",
      "empty-to",
      "host-network-pods-selected",
      "ignored-rules",
      "or-instead-of-and",
      "pod-selector-in-other-namespace",
      "policy-types-missing-egress",
    ]);
  });

  it("of ports, addresses and the other side", { timeout: 60_000 }, () => {
    expect(fixAll(TRAFFIC_CHECKS, 30)).toEqual([
      "egress-meets-closed-ingress",
      "egress-without-dns",
      "ingress-meets-closed-egress",
      "ip-block-of-pods",
      "named-port-differs",
      "named-port-unknown",
      "udp-as-tcp",
    ]);
  });
});
