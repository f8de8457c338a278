import { expect, it } from "vitest";
import { type Reachability, reachability } from "../engine/reachability.ts";
import { clusterPolicy, ONLY_API } from "./cluster-policy.fixture.ts";
import { dbPolicy, engineWith } from "./explain.fixture.ts";
import { mapCsv } from "./map-csv.ts";
import { mapMarkdown } from "./map-markdown.ts";
import { mapText } from "./map-text.ts";
import { plainStyle } from "./style.ts";

function reachOf(spec: string): Reachability {
  return reachability(engineWith(dbPolicy(spec)), "workload");
}

const FROM_WEB = "  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}]";

it("groups by namespace and says who may come in", () => {
  expect(mapText(reachOf(FROM_WEB), plainStyle)).toBe(`batch
  job       open          from everyone

shop
  agent     node network  from everyone
  db        isolated      from web: TCP 3306
  lone      open          from everyone
  web       open          from everyone

outside the cluster
  every IPv4 address  reached by everyone

5 workloads: 1 isolated for ingress, 0 for egress; 4 reachable by everyone on every port; 1 on the network of its node, where no policy limits it
`);
});

it("says where a workload may go if its egress is isolated", () => {
  const text = mapText(
    reachOf(
      "  policyTypes: [Egress]\n  egress: [{to: [{ipBlock: {cidr: 192.168.0.0/16}}], ports: [{port: 80}]}]",
    ),
    plainStyle,
  );
  expect(text).toContain("egress isolated  to agent, outside 192.168.0.0/16: TCP 80");
  expect(text).toContain("all IPv4 but 192.168.0.0/16");
});

it("says nobody", () => {
  const text = mapText(reachOf("  policyTypes: [Ingress, Egress]"), plainStyle);
  expect(text).toMatch(/db +isolated +from nobody\n +egress isolated +to nobody/);
});

it("marks what rules of Admin or Baseline limit, and no NetworkPolicy isolates", () => {
  const egress = "  egress: [{action: Deny, to: [{networks: [192.168.0.0/16]}]}]";
  const engine = engineWith(
    clusterPolicy("guard", ONLY_API.replace("app: api", "app: web")),
    clusterPolicy("out", egress, "Baseline"),
    dbPolicy("  ingress: [{from: [{podSelector: {}}]}]"),
  );
  const text = mapText(reachability(engine, "workload"), plainStyle);
  expect(text).toMatch(/ {2}db +isolated +from web: TCP 3306\n +egress limited +to outside all IPv4 but/);
  expect(text).toMatch(/ {2}lone +limited +from agent, outside: everything\n +from web: TCP 3306\n/);
  expect(text).toMatch(/ {2}agent +node network +from outside: everything\n/);
  expect(text).toContain(
    "1 isolated for ingress, 0 for egress; 4 limited by rules of Admin or Baseline; 0 reach",
  );
  const silent = clusterPolicy("guard", "  ingress: [{action: Accept, from: [{namespaces: {}}]}]");
  expect(mapText(reachability(engineWith(silent), "workload"), plainStyle)).not.toContain("limited");
});

it("marks what only one family may", () => {
  const text = mapText(reachOf("  ingress: [{from: [{ipBlock: {cidr: 10.244.0.2/32}}]}]"), plainStyle);
  expect(text).toContain("from web: everything (IPv4 only)");
});

it("writes CSV with quotes where they are needed", () => {
  const blocks = "{ipBlock: {cidr: 192.168.1.0/24}}, {ipBlock: {cidr: 192.168.3.0/24}}";
  const csv = mapCsv(
    reachOf(`  ingress: [{from: [${blocks}], ports: [{port: 1}, {port: 53, protocol: UDP}]}]`),
  );
  expect(csv.split("\r\n")[0]).toBe("from,to,ports,family");
  expect(csv).toContain('"0.0.0.0-192.168.0.255,');
  expect(csv).toContain("192.168.1.0/24,shop/db[Pod],TCP/1 UDP/53,\r\n");
});

it("writes a Markdown table", () => {
  const table = mapMarkdown(reachOf(FROM_WEB));
  expect(table.startsWith("| From | To | Ports |\n| --- | --- | --- |\n")).toBe(true);
  expect(table).toContain("| `shop/web[Pod]` | `shop/db[Pod]` | TCP 3306 |\n");
  expect(mapMarkdown({ peers: [], connections: [] })).toBe("Nothing may connect to anything.\n");
});

it("says which policies are in audit mode, but shown as if enforced", () => {
  const reach = reachOf(FROM_WEB);
  const note =
    "NetworkPolicy shop/db-policy is in audit mode, but shown as if enforced: what only it denies is logged, and let through.";
  const audited = ["NetworkPolicy shop/db-policy"];
  expect(mapText(reach, plainStyle, audited)).toBe(`${mapText(reach, plainStyle)}\n${note}\n`);
  expect(mapMarkdown(reach, audited)).toBe(`${mapMarkdown(reach)}\n${note}\n`);
});

it("names some of many policies in audit mode", () => {
  const names = Array.from({ length: 12 }, (_, i) => `ClusterNetworkPolicy p${i}`);
  const text = mapText(reachOf(FROM_WEB), plainStyle, names);
  expect(text).toContain("ClusterNetworkPolicy p3 and 8 more are in audit mode");
  expect(text).not.toContain("p4");
});
