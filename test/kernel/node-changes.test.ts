// Nodes that change while the lab stays up: their labels, which policies ask for, their addresses, and they
// themselves. Whatever becomes different, the rules are in force.
import { expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import { clusterPolicyManifest, passedAndStopped, podManifest, runSteps } from "./steps.ts";

const node = (name: string, zone: string, addresses: readonly string[]): string => `---
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {zone: ${zone}}}
status: {addresses: [${addresses.map((address) => `{type: InternalIP, address: "${address}"}`).join(", ")}]}
`;
const ONE = ["172.18.0.2", "fd00:18::2"];
const TWO = ["172.18.0.3", "fd00:18::3"];
const CLIENT = podManifest("client", "client", "one", []);
const SERVER = podManifest("server", "server", "two", ["TCP/80"]);
const BOTH = CLIENT + SERVER;

const DENY_ZONE_A = clusterPolicyManifest(
  "nodes",
  "Admin",
  "client",
  "egress:\n- {action: Deny, to: [{nodes: {matchLabels: {zone: a}}}]}",
);

const TO_ONE = ["shop/client -> node:one TCP 10250", "shop/client -> node:one ICMP"];
const TO_TWO = ["shop/client -> node:two TCP 10250", "shop/client -> node:two ICMP"];

describeKernel("a peer that is nodes", () => {
  it("follows their labels and addresses", async () => {
    const probes = [
      ...TO_ONE,
      ...TO_TWO,
      "shop/client -> shop/server TCP 80",
      "shop/client -> 172.18.0.9 TCP 443",
    ];
    const state = (one: string, two: string, addressesOfTwo = TWO): string =>
      node("one", one, ONE) + node("two", two, addressesOfTwo) + BOTH + DENY_ZONE_A;
    const stoppedIn = async (...states: string[]): Promise<string[][]> => {
      const answers = await runSteps({
        externals: ["172.18.0.9"],
        steps: states.flatMap((each) => [{ state: each }, { probes }]),
      });
      return answers.filter((_, i) => i % 2 === 1).map((answer) => passedAndStopped(answer).stopped);
    };
    expect(
      await stoppedIn(
        state("a", "b"),
        state("b", "a"),
        state("b", "a", ["172.18.0.1", "fd00:18::1"]),
        state("a", "a"),
        state("b", "b"),
      ),
    ).toEqual([TO_ONE, TO_TWO, TO_TWO, [...TO_ONE, ...TO_TWO], []]);
  });
});

describeKernel("a node of a lab that stays up", () => {
  const closed = clusterPolicyManifest(
    "closed",
    "Admin",
    "server",
    "ingress:\n- {action: Deny, from: [{namespaces: {}}]}",
  );
  const both = node("one", "a", ONE) + node("two", "b", TWO) + BOTH + closed;
  const probes = ["shop/client -> shop/server TCP 80", "shop/client -> shop/server ICMP"];

  it("has its rules when its addresses have changed", async () => {
    const moved = node("one", "a", ONE) + node("two", "b", ["172.18.0.7"]) + BOTH + closed;
    const answers = await runSteps({
      externals: [],
      steps: [{ state: both }, { probes }, { state: moved }, { probes }],
    });
    expect(passedAndStopped(answers[1]).stopped).toEqual(probes);
    expect(passedAndStopped(answers[3]).stopped).toEqual(probes);
  });

  it("has its rules when it has gone and come back", async () => {
    const alone = node("one", "a", ONE) + CLIENT + closed;
    const answers = await runSteps({
      externals: [],
      steps: [{ state: both }, { state: alone }, { state: both }, { probes }],
    });
    expect(passedAndStopped(answers[3]).stopped).toEqual(probes);
  });
});
