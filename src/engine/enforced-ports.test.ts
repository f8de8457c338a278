import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { podObject, policyObject } from "../cluster/objects.fixture.ts";
import type { NetworkPolicy } from "../k8s/objects.ts";
import { ALL_PORTS, NO_PORTS, portSetTokens } from "../net/port-set.ts";
import type { End } from "./end.ts";
import { enforcedPorts } from "./enforced-ports.ts";
import { createEngine } from "./engine.ts";

const audited = (policy: NetworkPolicy): NetworkPolicy => ({ ...policy, audit: true });
const about = (app: string): { podSelector: object } => ({ podSelector: { matchLabels: { app } } });

/** From pod a to pod b: what the policies say, and what passes. */
function portsWith(...policies: NetworkPolicy[]): [said: string[], enforced: string[]] {
  const pods = ["a", "b"].map((app) => podObject(app, { labels: { app } }));
  const engine = createEngine(buildCluster([...pods, ...policies]).cluster);
  const [a, b] = engine.cluster.pods.map((pod): End => ({ kind: "pod", pod }));
  const said = engine.ports(a!, b!, 4);
  const enforced = enforcedPorts(engine)(a!, b!, 4);
  if (policies.every(({ audit }) => audit !== true)) expect(enforced).toBe(said);
  return [portSetTokens(said), portSetTokens(enforced)];
}

const ALL = portSetTokens(ALL_PORTS);
const NONE = portSetTokens(NO_PORTS);
const port = (number: number): { ingress: { ports: { port: number }[] }[] } => ({
  ingress: [{ ports: [{ port: number }] }],
});

describe("what passes where rules are enforced", () => {
  it("is what the policies say, without any in audit mode", () => {
    expect(portsWith(policyObject("p", { ...about("b"), ...port(80) }))).toEqual([["TCP/80"], ["TCP/80"]]);
  });

  it("is what passes without the policies in audit mode", () => {
    expect(portsWith(audited(policyObject("p", about("b"))))).toEqual([NONE, ALL]);
    const enforced = policyObject("e", { ...about("b"), ...port(81) });
    const closed = audited(policyObject("p", { ...about("a"), policyTypes: ["Egress"] }));
    expect(portsWith(closed, enforced)).toEqual([NONE, ["TCP/81"]]);
  });

  it("is also what policies in audit mode allow", () => {
    const enforced = policyObject("e", { ...about("b"), ...port(81) });
    const trial = audited(policyObject("p", { ...about("b"), ...port(80) }));
    expect(portsWith(enforced, trial)).toEqual([["TCP/80-81"], ["TCP/80-81"]]);
  });

  it("joins the two for each direction, not for the whole way", () => {
    const enforced = policyObject("e", about("b"));
    const opens = audited(policyObject("p", { ...about("b"), ...port(80) }));
    const closes = audited(policyObject("q", { ...about("a"), policyTypes: ["Egress"] }));
    expect(portsWith(enforced, opens, closes)).toEqual([NONE, ["TCP/80"]]);
  });
});
