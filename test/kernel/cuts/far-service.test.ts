// A service with its pod on another node: the caller's node translates the address, and the other sees only the pod's.
import { expect, it } from "vitest";
import { node, pod, policy } from "../around/manifests.ts";
import { nftablesStyle, type ServicePort } from "../around/services.ts";
import { describeKernel } from "../kernel-support.ts";
import { cutsIn, type Flow, runCuts, type Step } from "./steps.ts";

const CLIENT = ["10.244.1.1", "fd00:10:244:1::1"];
const SERVER = ["10.244.2.1", "fd00:10:244:2::1"];
const SERVICE = ["10.96.0.1", "fd00:10:96::1"];
const OPEN =
  node("one", "172.18.0.1", "fd00:18::1") +
  node("two", "172.18.0.2", "fd00:18::2") +
  pod("client", "client", "one", CLIENT) +
  pod("server", "server", "two", SERVER);

const PORTS = SERVICE.flatMap((address, i) =>
  (["tcp", "udp"] as const).map(
    (protocol): ServicePort => ({
      name: `of-${protocol}`,
      address,
      protocol,
      port: 80,
      pod: SERVER[i]!,
      targetPort: 7000,
    }),
  ),
);
const FLOWS = (["TCP", "UDP"] as const).flatMap((protocol) =>
  ([4, 6] as const).map(
    (family, i): Flow => ({
      name: `${protocol} IPv${family}`,
      from: "shop/client",
      to: "shop/server",
      by: { address: SERVICE[i]!, port: 80 },
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

const course = (after: string): Step[] => [
  { state: OPEN },
  { run: "node:one", argv: ["nft", "-f", "-"], stdin: nftablesStyle(PORTS, false) },
  { open: FLOWS },
  { send: NAMES, as: "before" },
  { change: after },
  { send: NAMES, as: "after" },
  { send: UDP, only: "server", as: "server goes on" },
  { send: UDP, only: "client", as: "client goes on" },
  { cutsAs: "cuts" },
  { change: OPEN },
  { send: UDP, as: "again" },
];
/** Behind the translation, at either node: the port that is reported is the pod's. */
const cutsAt = (where: string, direction: string): string[] =>
  [17, 6].flatMap((protocol) =>
    CLIENT.map((from, i) => `${where}: ${protocol} ${from} > ${SERVER[i]} 7000 policy ${direction}`),
  );
const ADMIT_SERVICE = `{policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.0/16}}, {ipBlock: {cidr: "fd00:10:96::/112"}}]}]}`;

describeKernel("an open connection to a service with its pod on another node", () => {
  it.each([
    [
      "the receiver's node, which never saw the service",
      policy("server", "server", "{policyTypes: [Ingress]}"),
      "two",
      "ingress",
    ],
    [
      "the caller's node, which translates",
      policy("client", "client", "{policyTypes: [Egress]}"),
      "one",
      "egress",
    ],
    [
      "the caller's node also where the service's address is admitted",
      policy("client", "client", ADMIT_SERVICE),
      "one",
      "egress",
    ],
  ])("is cut and reported by %s", async (_, change, where, direction) => {
    const answers = await runCuts(course(OPEN + change));
    expect(answers.before).toEqual(all(NAMES, FLOWING));
    expect(answers.after).toEqual(all(NAMES, "client reset, server reset", NOTHING));
    expect(answers["server goes on"]).toEqual(all(UDP, NOTHING));
    expect(answers["client goes on"]).toEqual(all(UDP, NOTHING));
    expect(cutsIn(answers, "cuts")).toEqual(cutsAt(where, direction));
    expect(answers.again).toEqual(all(UDP, FLOWING));
  });

  it("lives on where cutting is turned off", async () => {
    const closed = policy("server", "server", "{policyTypes: [Ingress]}");
    const answers = await runCuts(course(OPEN + closed), { cutsConnections: false });
    expect(answers.after).toEqual(all(NAMES, FLOWING));
    expect(cutsIn(answers, "cuts")).toEqual([]);
  });
});
