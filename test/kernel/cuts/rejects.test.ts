// Rejecting what is denied, or no longer, is nothing to the connections that are allowed.
import { expect, it } from "vitest";
import { node, pod, policy } from "../around/manifests.ts";
import { describeKernel } from "../kernel-support.ts";
import { cutsIn, type Flow, runCuts } from "./steps.ts";

const own = (number: number): [string, string] => [`10.244.1.${number}`, `fd00:10:244:1::${number}`];
const PODS =
  node("one", "172.18.0.1", "fd00:18::1") +
  pod("client", "client", "one", own(1)) +
  pod("server", "server", "one", own(2)) +
  pod("other", "other", "one", own(3));
const admit = (...roles: string[]): string => {
  const from = roles.map((role) => `{podSelector: {matchLabels: {role: ${role}}}}`);
  return PODS + policy("server", "server", `{ingress: [{from: [${from.join(", ")}], ports: [${PORTS}]}]}`);
};
const PORTS = "{port: 7000}, {port: 7000, protocol: UDP}";

const flowsFrom = (from: string, port: number, sourcePort: number): Flow[] =>
  (["TCP", "UDP"] as const).flatMap((protocol) =>
    ([4, 6] as const).map((family) => ({
      name: `${from} ${protocol} IPv${family} ${port}`,
      from: `shop/${from}`,
      to: "shop/server",
      protocol,
      family,
      port,
      sourcePort,
    })),
  );
const namesOf = (flows: readonly Flow[]): string[] => flows.map(({ name }) => name);
const each = (flows: readonly Flow[], tcp: string, udp: string): Record<string, string> =>
  Object.fromEntries(flows.map(({ name, protocol }) => [name, protocol === "TCP" ? tcp : udp]));

const FLOWS = flowsFrom("client", 7000, 6000);
const FLOWING = each(FLOWS, "client data, server data", "client data, server data");

describeKernel("an allowed connection", () => {
  it("goes on when denied packets are rejected from now on, and when they are dropped again", async () => {
    const denied = flowsFrom("other", 7001, 6000);
    const answers = await runCuts([
      { state: admit("client") },
      { open: FLOWS },
      { send: namesOf(FLOWS), as: "before" },
      { restart: "one", config: { deny: "reject" } },
      { tryOpen: denied, as: "rejected" },
      { send: namesOf(FLOWS), as: "with reject" },
      { restart: "one", config: { deny: "drop" } },
      { tryOpen: denied, as: "dropped" },
      { send: namesOf(FLOWS), as: "with drop" },
      { cutsAs: "cuts" },
      { repairsAs: "repairs" },
    ]);
    expect(answers.rejected).toEqual(each(denied, "refused", "silence"));
    expect(answers.dropped).toEqual(each(denied, "silence", "silence"));
    expect(answers.before).toEqual(FLOWING);
    expect(answers["with reject"]).toEqual(FLOWING);
    expect(answers["with drop"]).toEqual(FLOWING);
    expect(cutsIn(answers, "cuts")).toEqual([]);
    // The rules of the next are no damage to the one before, which has ended.
    expect(answers.repairs).toEqual({ repairs: "0" });
  });

  it("goes on while others at the same ends are rejected", async () => {
    // From the same ports as the connections that are open: to another port, and of another pod.
    const denied = [...flowsFrom("client", 7001, 6000), ...flowsFrom("other", 7001, 6000)];
    const answers = await runCuts(
      [
        { state: admit("client") },
        { open: FLOWS },
        { tryOpen: denied, as: "denied" },
        { send: namesOf(FLOWS), as: "after" },
        { cutsAs: "cuts" },
      ],
      { config: { deny: "reject" } },
    );
    expect(answers.denied).toEqual(each(denied, "refused", "silence"));
    expect(answers.after).toEqual(FLOWING);
    expect(cutsIn(answers, "cuts")).toEqual([]);
  });

  it("goes on when a change cuts and rejects another's", async () => {
    const others = flowsFrom("other", 7000, 6001).filter(({ protocol }) => protocol === "UDP");
    const answers = await runCuts(
      [
        { state: admit("client", "other") },
        { open: FLOWS.filter(({ protocol }) => protocol === "TCP") },
        { open: others },
        { change: admit("client") },
        { send: namesOf(others), as: "others" },
        { send: namesOf(FLOWS.filter(({ protocol }) => protocol === "TCP")), as: "after" },
        { cutsAs: "cuts" },
      ],
      { config: { deny: "reject" } },
    );
    const silence = "client silence, server silence";
    expect(answers.others).toEqual(each(others, silence, silence));
    for (const seen of Object.values(answers.after!)) expect(seen).toBe("client data, server data");
    expect(Object.keys(answers.after!)).toHaveLength(2);
    expect(cutsIn(answers, "cuts")).toHaveLength(2);
  });
});
