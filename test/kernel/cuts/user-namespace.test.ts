// In a user namespace transactions may not be large and socket buffers are small: root runs these in one, too.
import { afterAll, beforeAll, expect, it } from "vitest";
import { node, pod, policy } from "../around/manifests.ts";
import { describeKernel } from "../kernel-support.ts";
import { cutsIn, type Flow, runCuts } from "./steps.ts";

const MANY = 5000;
const OPEN =
  node("one", "172.18.0.1", "fd00:18::1") +
  pod("client", "client", "one", ["10.244.1.1", "fd00:10:244:1::1"]) +
  pod("server", "server", "one", ["10.244.1.2", "fd00:10:244:1::2"]) +
  pod("other", "other", "one", ["10.244.1.3", "fd00:10:244:1::3"]);
const FLOWS = (["TCP", "UDP"] as const).flatMap((protocol) =>
  ([4, 6] as const).map(
    (family): Flow => ({
      name: `${protocol} IPv${family}`,
      from: "shop/client",
      to: "shop/server",
      protocol,
      family,
      port: 7000,
      sourcePort: 6000,
    }),
  ),
);
const NAMES = FLOWS.map(({ name }) => name);
const UDP = NAMES.filter((name) => name.startsWith("UDP"));
const all = (names: readonly string[], tcp: string, udp = tcp): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name.startsWith("TCP") ? tcp : udp]));
const FLOWING = "client data, server data";
const NOTHING = "client silence, server silence";
const before = process.env.PODWALL_SANDBOX;

describeKernel("in a user namespace, open connections that a change forbids", () => {
  beforeAll(() => {
    process.env.PODWALL_SANDBOX = "user-namespace";
  });
  afterAll(() => {
    if (before === undefined) delete process.env.PODWALL_SANDBOX;
    else process.env.PODWALL_SANDBOX = before;
  });

  it.each([
    ["receiver", "server", "Ingress"],
    ["sender", "client", "Egress"],
  ])("are cut by a policy of the %s, and pass when they are allowed again", async (_, role, direction) => {
    const answers = await runCuts([
      { state: OPEN },
      { open: FLOWS },
      { send: NAMES, as: "before" },
      { change: OPEN + policy(role, role, `{policyTypes: [${direction}]}`) },
      { send: NAMES, as: "after" },
      { send: UDP, only: "server", as: "server goes on" },
      { cutsAs: "cuts" },
      { change: OPEN },
      { send: UDP, as: "again" },
    ]);
    expect(answers.before).toEqual(all(NAMES, FLOWING));
    expect(answers.after).toEqual(all(NAMES, "client reset, server reset", NOTHING));
    expect(answers["server goes on"]).toEqual(all(UDP, NOTHING));
    expect(cutsIn(answers, "cuts")).toHaveLength(NAMES.length);
    expect(answers.again).toEqual(all(UDP, FLOWING));
  });

  it(`are cut together where they are ${MANY}, and let go together`, async () => {
    const flows = FLOWS.filter(({ protocol }) => protocol === "UDP");
    const answers = await runCuts([
      { state: OPEN },
      { open: flows },
      { begin: MANY, from: "shop/client", to: "shop/other" },
      { change: OPEN + policy("client", "client", "{policyTypes: [Egress]}") },
      { cutsAs: "cuts" },
      { send: UDP, as: "after" },
      { change: OPEN },
      { send: UDP, as: "again" },
    ]);
    expect(cutsIn(answers, "cuts")).toHaveLength(MANY + UDP.length);
    expect(answers.after).toEqual(all(UDP, NOTHING));
    expect(answers.again).toEqual(all(UDP, FLOWING));
  });
});
