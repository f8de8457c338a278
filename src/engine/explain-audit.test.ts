import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { createEngine } from "./engine.ts";
import { type Explanation, explain } from "./explain.ts";
import { explainAudit } from "./explain-audit.ts";

const audited = <T extends object>(policy: T): T & { audit: true } => ({ ...policy, audit: true });
const A = podObject("a", { labels: { app: "a" } });
const B = podObject("b", { labels: { app: "b" } });
const ABOUT_A = { podSelector: { matchLabels: { app: "a" } } };
const ABOUT_B = { podSelector: { matchLabels: { app: "b" } } };
const EVERYONE = [{ namespaces: {} }];
const ALLOW = { ingress: [{}] };

/** TCP 80 from pod a to pod b. */
function asked(...policies: KubernetesObject[]): Explanation {
  const engine = createEngine(buildCluster([A, B, ...policies]).cluster);
  const [from, to] = engine.cluster.pods.map((pod) => ({ kind: "pod" as const, pod }));
  return explainAudit(engine)(explain(engine, from!, to!, 4, { protocol: "TCP", port: 80 }));
}

function names(...policies: KubernetesObject[]): readonly string[] | undefined {
  return asked(...policies).audited?.map(({ id }) => id);
}

describe("a denied packet", () => {
  it("is let through where only a policy in audit mode denies it", () => {
    const { allowed, audited: by } = asked(audited(policyObject("db", ABOUT_B)));
    expect(allowed).toBe(false);
    expect(by?.map(({ id }) => id)).toEqual(["shop/db"]);
  });

  it("stays denied where another policy denies it, on the same side or on the other", () => {
    expect(names(audited(policyObject("db", ABOUT_B)), policyObject("all"))).toBeUndefined();
    const leaving = policyObject("leave", { ...ABOUT_A, policyTypes: ["Egress"] });
    expect(names(audited(policyObject("db", ABOUT_B)), leaving)).toBeUndefined();
    expect(names(audited(policyObject("db", ABOUT_B)), audited(leaving))).toEqual(["shop/leave", "shop/db"]);
  });

  it("names the policy that denies it, not all that were asked", () => {
    const deny = (name: string, priority: number): KubernetesObject =>
      audited(clusterPolicyObject(name, { priority, ingress: [{ action: "Deny", from: EVERYONE }] }));
    expect(names(deny("first", 1), deny("second", 2), audited(policyObject("db", ABOUT_B)))).toEqual([
      "first",
    ]);
  });

  it("is let through where a rule in audit mode keeps another from accepting it", () => {
    const pass = audited(
      clusterPolicyObject("pass", { priority: 1, ingress: [{ action: "Pass", from: EVERYONE }] }),
    );
    const accept = clusterPolicyObject("accept", {
      priority: 2,
      ingress: [{ action: "Accept", from: EVERYONE }],
    });
    expect(names(pass, accept, policyObject("db", ABOUT_B))).toEqual(["pass"]);
  });

  it("is judged side by side: what a policy in audit mode allows counts for its side alone", () => {
    // All policies let it in, the enforced ones alone would not; of what leaves the opposite is true.
    const letsIn = audited(policyObject("lets-in", { ...ABOUT_B, ...ALLOW }));
    const keepsIn = audited(policyObject("keeps-in", { ...ABOUT_A, policyTypes: ["Egress"] }));
    const closed = policyObject("closed", ABOUT_B);
    expect(names(letsIn, keepsIn, closed)).toEqual(["shop/keeps-in"]);
  });
});

describe("other packets", () => {
  it("are told nothing of policies in audit mode", () => {
    expect(asked(audited(policyObject("db", { ...ABOUT_B, ...ALLOW })))).not.toHaveProperty("audited");
    expect(asked(policyObject("db", ABOUT_B))).not.toHaveProperty("audited");
  });
});
