import { describe, expect, it } from "vitest";
import { randomCluster } from "../../../../test/generators/cluster.ts";
import { clusterYaml } from "../../../../test/generators/cluster-yaml.ts";
import { buildCluster } from "../../../cluster/build.ts";
import { declaredNamespacesOf } from "../../../cluster/declared-namespaces.ts";
import { parseManifests } from "../../../k8s/manifests.ts";
import { applyFixes } from "../../fix/apply-fixes.ts";
import type { CheckContext } from "../check.ts";
import { checkContext } from "../run-checks.ts";
import { TRAFFIC_CHECKS } from "./checks.ts";

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

describe("checks of traffic, over random clusters", () => {
  it("have a place and whole sentences for each finding, and fixes that can be applied and end it", {
    timeout: 60_000,
  }, () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      const text = clusterYaml(randomCluster(seed));
      const { context, errors } = contextOf(text);
      for (const check of TRAFFIC_CHECKS) {
        for (const finding of check.run(context)) {
          const { code, position, message, help, fix } = finding;
          seen.add(code);
          expect(position.line, `${seed} ${code}`).toBeGreaterThan(0);
          expect(`${message} ${help}`).not.toMatch(/undefined|NaN|\[object|\(\)/);
          if (fix === undefined) continue;
          const { files, refused } = applyFixes([{ file: "input.yaml", text }], [finding], "all");
          expect(refused, `${seed} ${code}`).toEqual([]);
          const after = contextOf(files[0]!.text);
          expect(after.errors, `${seed} ${code}`).toBe(errors);
          const again = [...check.run(after.context)].map(
            (each) => `${each.code} ${each.object} ${each.message}`,
          );
          expect(again, `${seed}`).not.toContain(`${code} ${finding.object} ${message}`);
        }
      }
    }
    // The generator makes no Services.
    expect([...seen].sort()).toEqual([
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
