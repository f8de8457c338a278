// What only cluster-wide policies ask of the rules in the kernel: pods that may do less than the addresses around
// them, and every other protocol beside some ports. Each with the rule left out that does it.
import { beforeAll, describe, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import { clusterPolicyManifest, passedAndStopped, podManifest, runSteps } from "./steps.ts";

const EXTERNALS = ["203.0.113.9", "2001:db8::9"];
const SERVED = ["TCP/80", "TCP/81", "TCP/82", "TCP/443", "UDP/53", "SCTP/3868"];
const PODS = [
  podManifest("client", "client", "one", []),
  podManifest("secret", "secret", "one", SERVED),
  podManifest("far-secret", "secret", "two", SERVED),
  podManifest("mixed", "mixed", "two", SERVED),
  podManifest("plain", "plain", "two", SERVED),
].join("");

const role = (name: string): string =>
  `pods: {namespaceSelector: {}, podSelector: {matchLabels: {role: ${name}}}}`;
const ALL_ADDRESSES = `networks: ["0.0.0.0/0", "::/0"]`;
const tcp = (first: number, last?: number): string => {
  const port = last === undefined ? `number: ${first}` : `range: {start: ${first}, end: ${last}}`;
  return `protocols: [{tcp: {destinationPort: {${port}}}}]`;
};

const LESSER_RULES = "@lesser_\\S+ goto";
const OTHER_RULES = "meta l4proto != ";

describeKernel("pods that may do less than the address range around them", () => {
  describe("on the way out", () => {
    const policy = clusterPolicyManifest(
      "out",
      "Admin",
      "client",
      `
egress:
- {action: Accept, to: [{${role("mixed")}}], ${tcp(443)}}
- {action: Deny, to: [{${role("secret")}}, {${role("mixed")}}], ${tcp(80, 81)}}
- {action: Accept, to: [{${ALL_ADDRESSES}}], ${tcp(81, 82)}}
- {action: Deny, to: [{${ALL_ADDRESSES}}]}`,
    );
    const tried = (to: string): string[] =>
      [80, 81, 82, 443].map((port) => `shop/client -> ${to} TCP ${port}`).concat(`shop/client -> ${to} ICMP`);
    const probes = ["shop/secret", "shop/far-secret", "shop/mixed", "shop/plain", ...EXTERNALS].flatMap(
      tried,
    );
    const passing = [
      "shop/client -> shop/secret TCP 82",
      "shop/client -> shop/far-secret TCP 82",
      "shop/client -> shop/mixed TCP 82",
      "shop/client -> shop/mixed TCP 443",
      "shop/client -> shop/plain TCP 81",
      "shop/client -> shop/plain TCP 82",
      ...EXTERNALS.flatMap((to) => [`shop/client -> ${to} TCP 81`, `shop/client -> ${to} TCP 82`]),
    ];
    let answers: unknown[];
    beforeAll(async () => {
      answers = await runSteps({
        externals: EXTERNALS,
        steps: [{ state: PODS + policy }, { probes }, { leaveOut: LESSER_RULES }, { probes }],
      });
    });

    it("are denied what only the range may do", () => {
      const { passed, stopped } = passedAndStopped(answers[1]);
      expect(passed).toEqual(passing);
      expect(stopped.length).toBe(probes.length - passing.length);
    });

    it("would be allowed it, were they not asked for first", () => {
      // In each family one in the chain of the client, and one in that of the port to which its map leads.
      expect(answers[2]).toBe(4);
      const { passed } = passedAndStopped(answers[3]);
      expect(passed.filter((text) => !passing.includes(text))).toEqual([
        "shop/client -> shop/secret TCP 81",
        "shop/client -> shop/far-secret TCP 81",
        "shop/client -> shop/mixed TCP 81",
      ]);
    });
  });

  describe("on the way in", () => {
    const policies = `${clusterPolicyManifest(
      "in",
      "Admin",
      "plain",
      `
ingress:
- {action: Deny, from: [{${role("secret")}}], ${tcp(80, 81)}}`,
    )}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: plain, namespace: shop}
spec:
  podSelector: {matchLabels: {role: plain}}
  ingress:
  - from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}]
    ports: [{port: 81}, {port: 82}]
`;
    const probes = ["shop/client", "shop/secret", "shop/far-secret", ...EXTERNALS].flatMap((from) =>
      [80, 81, 82].map((port) => `${from} -> shop/plain TCP ${port}`),
    );
    const denied81 = ["shop/secret -> shop/plain TCP 81", "shop/far-secret -> shop/plain TCP 81"];

    it("are denied it too, and only by that rule", async () => {
      const answers = await runSteps({
        externals: EXTERNALS,
        steps: [{ state: PODS + policies }, { probes }, { leaveOut: LESSER_RULES }, { probes }],
      });
      const all80 = probes.filter((text) => text.endsWith("TCP 80"));
      expect(passedAndStopped(answers[1]).stopped.sort()).toEqual([...all80, ...denied81].sort());
      expect(answers[2]).toBe(2);
      expect(passedAndStopped(answers[3]).stopped).toEqual(all80);
    });
  });
});

describeKernel("every other protocol beside the ports of a rule", () => {
  const probes = ["ICMP", "TCP 80", "TCP 81", "UDP 53", "SCTP 3868"].map(
    (what) => `shop/client -> shop/plain ${what}`,
  );
  const ingress = (rules: string): string =>
    PODS + clusterPolicyManifest("p", "Admin", "plain", `ingress:\n${rules}`);
  const egress = (rules: string): string =>
    PODS + clusterPolicyManifest("p", "Admin", "client", `egress:\n${rules}`);
  const DENY_80 = `- {action: Deny, from: [{namespaces: {}}], ${tcp(80)}}`;
  const DENY_ALL = "- {action: Deny, from: [{namespaces: {}}]}";
  const ACCEPT_80 = `- {action: Accept, from: [{namespaces: {}}], ${tcp(80)}}`;
  const rest = (...stopped: string[]): { passed: string[]; stopped: string[] } => ({
    passed: probes.filter((text) => !stopped.some((what) => text.endsWith(what))),
    stopped: probes.filter((text) => stopped.some((what) => text.endsWith(what))),
  });

  it.each([
    ["passes where only ports are denied", DENY_80, rest("TCP 80")],
    ["is denied with everything", DENY_ALL, rest("ICMP", "TCP 80", "TCP 81", "UDP 53", "SCTP 3868")],
    [
      "is not accepted with a port",
      `${ACCEPT_80}\n${DENY_ALL}`,
      rest("ICMP", "TCP 81", "UDP 53", "SCTP 3868"),
    ],
    [
      "is denied by what cannot be understood, whatever its ports",
      `- {action: Pass, from: [{unheardOf: {}}], ${tcp(80)}}`,
      rest("ICMP", "TCP 80", "TCP 81", "UDP 53", "SCTP 3868"),
    ],
  ])("%s", async (_, rules, expected) => {
    const answers = await runSteps({
      externals: [],
      steps: [
        { state: ingress(rules) },
        { probes },
        { state: egress(rules.replaceAll("from:", "to:")) },
        { probes },
      ],
    });
    expect(passedAndStopped(answers[1])).toEqual(expected);
    expect(passedAndStopped(answers[3])).toEqual(expected);
  });

  it("passes by a rule of its own", async () => {
    const answers = await runSteps({
      externals: [],
      steps: [{ state: ingress(DENY_80) }, { leaveOut: OTHER_RULES }, { probes }],
    });
    expect(answers[1]).toBeGreaterThan(0);
    expect(passedAndStopped(answers[2])).toEqual(rest("ICMP", "TCP 80"));
  });
});
