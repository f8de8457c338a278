// Open connections and a change, in all the corners where what is judged is not what a packet says.
import { describe, expect, it } from "vitest";
import { node, pod, policy } from "../around/manifests.ts";
import { nftablesStyle } from "../around/services.ts";
import { describeKernel } from "../kernel-support.ts";
import { cutsIn, type Flow, runCuts, type Step } from "./steps.ts";

const ONE = node("one", "172.18.0.1", "fd00:18::1");
const own = (number: number): [string, string] => [`10.244.1.${number}`, `fd00:10:244:1::${number}`];
const CLIENT = pod("client", "client", "one", own(1));
const SERVER = pod("server", "server", "one", own(2));
const OTHER = pod("other", "client", "one", own(3));
const OPEN = ONE + CLIENT + SERVER + OTHER;
const CLOSED = policy("server", "server", "{policyTypes: [Ingress]}");

const flowsFrom = (from: string, protocols: readonly Flow["protocol"][], more: Partial<Flow> = {}): Flow[] =>
  protocols.flatMap((protocol) =>
    ([4, 6] as const).map((family) => ({
      name: `${protocol} IPv${family}`,
      from,
      to: "shop/server",
      protocol,
      family,
      port: 7000,
      sourcePort: 6000,
      ...more,
    })),
  );
const namesOf = (flows: readonly Flow[]): string[] => flows.map(({ name }) => name);
const each = (flows: readonly Flow[], how: string): Record<string, string> =>
  Object.fromEntries(namesOf(flows).map((name) => [name, how]));
const FLOWING = "client data, server data";
const NOTHING = "client silence, server silence";
const RESET = "client reset, server reset";
const udpOf = (flows: readonly Flow[]): Flow[] => flows.filter(({ protocol }) => protocol === "UDP");

const BOTH = flowsFrom("shop/client", ["TCP", "UDP"]);
const UDP = udpOf(BOTH);
const afterChange = (flows: readonly Flow[], before: string, after: string): Step[] => [
  { state: before },
  { open: flows },
  { send: namesOf(flows), as: "before" },
  { change: after },
  { send: namesOf(flows), as: "after" },
  { cutsAs: "cuts" },
];

describeKernel("an open connection", () => {
  it("passes again when one more peer is admitted, and nobody less", async () => {
    const more = (label: string): string =>
      OPEN.replace(
        "labels: {name: client, role: client}",
        `labels: {name: client, role: client, also: "${label}"}`,
      ) +
      policy("server", "server", '{ingress: [{from: [{podSelector: {matchLabels: {also: "yes"}}}]}]}') +
      pod("third", "third", "one", own(4)).replace("role: third", 'role: third, also: "yes"');
    const answers = await runCuts([
      ...afterChange(UDP, more("yes"), more("no")),
      { change: more("yes") },
      { send: namesOf(UDP), as: "again" },
    ]);
    expect(answers.after).toEqual(each(UDP, NOTHING));
    expect(answers.again).toEqual(each(UDP, FLOWING));
  });

  it("of echo requests stops", async () => {
    const flows = flowsFrom("shop/client", ["ICMP"]);
    const answers = await runCuts(afterChange(flows, OPEN, OPEN + CLOSED));
    expect(answers.before).toEqual(each(flows, FLOWING));
    expect(answers.after).toEqual(each(flows, NOTHING));
    expect(cutsIn(answers, "cuts")).toHaveLength(2);
  });

  it("stays where only its reversed direction is forbidden", async () => {
    // The server may send nothing, and nothing may come to the client: replies are no new connections.
    const after =
      OPEN +
      policy("server", "server", "{policyTypes: [Egress]}") +
      policy("client", "client", "{policyTypes: [Ingress]}");
    const answers = await runCuts(afterChange(BOTH, OPEN, after));
    expect(answers.after).toEqual(each(BOTH, FLOWING));
    expect(cutsIn(answers, "cuts")).toEqual([]);
  });

  it("of the node itself stays", async () => {
    const flows = flowsFrom("node:one", ["TCP", "UDP"]);
    const answers = await runCuts(afterChange(flows, OPEN, OPEN + CLOSED));
    expect(answers.after).toEqual(each(flows, FLOWING));
    expect(cutsIn(answers, "cuts")).toEqual([]);
  });

  it("to the node ends, and nobody else's", async () => {
    const flows = flowsFrom("shop/client", ["TCP", "UDP"], { to: "node:one" });
    const mute = policy("mute", "client", "{policyTypes: [Egress]}");
    const answers = await runCuts(afterChange(flows, OPEN, OPEN + mute));
    expect(answers.after).toEqual({
      ...each(flows, RESET),
      // Where the server is, its own kernel tells it.
      ...each(udpOf(flows), "client silence, server EPERM"),
    });
    expect(cutsIn(answers, "cuts")).toHaveLength(4);
  });

  it("stays where only a policy in audit mode forbids it", async () => {
    const audited = CLOSED.replace(
      "namespace: shop}",
      "namespace: shop, annotations: {podwall.io/mode: audit}}",
    );
    const answers = await runCuts(afterChange(BOTH, OPEN, OPEN + audited));
    expect(answers.after).toEqual(each(BOTH, FLOWING));
  });

  it("stays on a node in audit mode", async () => {
    const answers = await runCuts(afterChange(BOTH, OPEN, OPEN + CLOSED), { config: { audit: true } });
    expect(answers.after).toEqual(each(BOTH, FLOWING));
  });
});

describeKernel("an open connection to a service", () => {
  const SERVICES = [
    { address: "10.96.0.1", pod: own(2)[0] },
    { address: "fd00:10:96::1", pod: own(2)[1] },
  ].flatMap((ends) =>
    (["tcp", "udp"] as const).map((protocol) => ({
      ...ends,
      name: `of-${protocol}`,
      protocol,
      port: 80,
      targetPort: 7000,
    })),
  );
  const flows = flowsFrom("shop/client", ["TCP", "UDP"]).map((flow) => ({
    ...flow,
    by: { address: flow.family === 4 ? "10.96.0.1" : "fd00:10:96::1", port: 80 },
  }));
  const translated = (after: string): Step[] => {
    const [first, ...rest] = afterChange(flows, OPEN, after);
    const stdin = nftablesStyle(SERVICES, false);
    return [
      first!,
      { run: "node:one", argv: ["nft", "-f", "-"], stdin },
      ...rest,
      { send: namesOf(udpOf(flows)), only: "server", as: "server goes on" },
      { change: OPEN },
      { send: namesOf(udpOf(flows)), as: "again" },
    ];
  };

  it("is cut by what forbids the pod behind it", async () => {
    const answers = await runCuts(translated(OPEN + CLOSED));
    expect(answers.before).toEqual(each(flows, FLOWING));
    expect(answers.after).toEqual({ ...each(flows, RESET), ...each(udpOf(flows), NOTHING) });
    expect(answers["server goes on"]).toEqual(each(udpOf(flows), NOTHING));
    expect(cutsIn(answers, "cuts")).toEqual([
      "one: 17 10.244.1.1 > 10.244.1.2 7000 policy ingress",
      "one: 17 fd00:10:244:1::1 > fd00:10:244:1::2 7000 policy ingress",
      "one: 6 10.244.1.1 > 10.244.1.2 7000 policy ingress",
      "one: 6 fd00:10:244:1::1 > fd00:10:244:1::2 7000 policy ingress",
    ]);
    expect(answers.again).toEqual(each(udpOf(flows), FLOWING));
  });

  it("stays where only the service's address and port are not admitted", async () => {
    const admit =
      "{policyTypes: [Egress], egress: [{ports: [{port: 7000}, {port: 7000, protocol: UDP}], to: [{podSelector: {matchLabels: {role: server}}}]}]}";
    const answers = await runCuts(translated(OPEN + policy("client", "client", admit)));
    expect(answers.after).toEqual(each(flows, FLOWING));
  });
});

describeKernel("an open connection of a pod that is deleted", () => {
  const course = afterChange(BOTH, OPEN, ONE + SERVER);

  it("is cut: nobody is known to have its address", async () => {
    const answers = await runCuts(course);
    expect(answers.after).toEqual({ ...each(BOTH, RESET), ...each(UDP, NOTHING) });
    expect(cutsIn(answers, "cuts")[0]).toBe("one: 17 10.244.1.1 > 10.244.1.2 7000 unknown-pod egress");
  });

  it("stays where unknown addresses are not closed", async () => {
    const answers = await runCuts(course, { config: { closedAtBirth: false } });
    expect(answers.after).toEqual(each(BOTH, FLOWING));
  });
});

describeKernel("a connection that is cut", () => {
  const nft = (...command: string[]): Step => ({ run: "node:one", argv: ["nft", ...command] });
  const cut = afterChange(UDP, OPEN, OPEN + CLOSED);
  const goesOn: Step = { send: namesOf(UDP), only: "server", as: "goes on" };

  describe.each([
    ["the whole table", [nft("flush", "ruleset"), { untilRepairs: 1 }]],
    [
      "the sets of cut connections, and a rule of another table's",
      [
        nft("flush", "set", "inet", "podwall", "cut4"),
        nft("flush", "set", "inet", "podwall", "cut6"),
        nft("add", "chain", "inet", "podwall", "stranger"),
        { untilRepairs: 1 },
      ],
    ],
  ] as [string, Step[]][])("when somebody flushes %s", (_, steps) => {
    it("stays so", async () => {
      const answers = await runCuts([...cut, ...steps, goesOn]);
      expect(answers.after).toEqual(each(UDP, NOTHING));
      expect(answers["goes on"]).toEqual(each(UDP, NOTHING));
    });
  });

  it("stays so over a restart, and passes at once when it is allowed again", async () => {
    const answers = await runCuts([
      ...cut,
      { restart: "one" },
      goesOn,
      { change: OPEN },
      { send: namesOf(UDP), as: "again" },
    ]);
    expect(answers["goes on"]).toEqual(each(UDP, NOTHING));
    expect(answers.again).toEqual(each(UDP, FLOWING));
  });
});

describeKernel("five thousand connections that one change forbids", () => {
  it("are cut together, and pass when they are allowed again", async () => {
    const answers = await runCuts([
      { state: OPEN },
      { open: UDP },
      { begin: 5000, from: "shop/client", to: "shop/other" },
      { change: OPEN + policy("client", "client", "{policyTypes: [Egress]}") },
      { cutsAs: "cuts" },
      { send: namesOf(UDP), as: "after" },
      { change: OPEN },
      { send: namesOf(UDP), as: "again" },
    ]);
    expect(cutsIn(answers, "cuts")).toHaveLength(5000 + UDP.length);
    expect(answers.after).toEqual(each(UDP, NOTHING));
    expect(answers.again).toEqual(each(UDP, FLOWING));
  });
});
