import { describe, expect, it } from "vitest";
import { adminPolicy, baselinePolicy, clusterPolicy, ONLY_API } from "./cluster-policy.fixture.ts";
import { ask, dbPolicy, engineWith } from "./explain.fixture.ts";
import { explainText } from "./explain-text.ts";
import { plainStyle } from "./style.ts";

const sql = { protocol: "TCP", port: 3306 } as const;
const NODE =
  "apiVersion: v1\nkind: Node\nmetadata: {name: n2, labels: {role: edge}}\nstatus: {addresses: [{type: InternalIP, address: 192.168.9.2}]}\n";

/** What is told of a packet from shop/web to shop/db, or as said. Policies are read from db.yaml, one after the other. */
function told(
  policies: readonly string[],
  from = "shop/web",
  to = "shop/db",
  traffic: Parameters<typeof ask>[3] = sql,
): string {
  const engine = engineWith(...policies);
  return explainText([ask(engine, from, to, traffic)], plainStyle, engine.cluster);
}

const CLOSED = dbPolicy("  policyTypes: [Ingress]");
const DENY_ALL = "  ingress: [{action: Deny, from: [{namespaces: {}}]}]";
const ACCEPT_ALL = DENY_ALL.replace("Deny", "Accept");
const PASS_ALL = DENY_ALL.replace("Deny", "Pass");

describe("explainText of a denial in Admin", () => {
  it("shows the rule, the tiers behind it, the nearest miss, and what to do", () => {
    const everyone = dbPolicy("  ingress: [{}]");
    expect(told([clusterPolicy("guard", ONLY_API), everyone])).toBe(`DENIED   shop/web  ->  shop/db  TCP 3306

  leaves shop/web          open: no policy isolates it for egress
  enters shop/db           denied by rule 2 "rest" of ClusterNetworkPolicy guard (Admin, priority 10)  db.yaml:11
                             Deny from every pod of every namespace, every protocol and port
                           NetworkPolicy  not asked: a rule of Admin is final (NetworkPolicy shop/db-policy would allow it)
                           The only rule before it that does not deny:
                             Accept rule 1 "api"  db.yaml:10  from pods app=api of every namespace, TCP 3306
                               port   TCP 3306 matches
                               peer   app=api wanted, shop/web has app=web     <- here

  A NetworkPolicy cannot override a rule of Admin. To allow it, do one of these:
    - label pod shop/web app=api
    - add an Accept (or Pass) rule from pods app=web of namespace shop, TCP 3306, before rule 2 "rest" of ClusterNetworkPolicy guard, or in a policy of a priority below 10
`);
  });

  it("advises Pass only where what comes after lets the packet pass", () => {
    const text = told([clusterPolicy("guard", DENY_ALL), CLOSED]);
    expect(text).toContain("(NetworkPolicy shop/db-policy would deny it)");
    expect(text).toContain("To allow it, add an Accept rule from pods app=web of namespace shop");
  });

  it("has nothing earlier to offer than priority 0", () => {
    const text = told([clusterPolicy("guard", DENY_ALL, "Admin", 0)]);
    expect(text).toContain("TCP 3306, before rule 1 of ClusterNetworkPolicy guard.\n");
  });

  it("names the field that ports are in, by the kind of the policy", () => {
    const here = ONLY_API.replace("3306", "5432").replace("app: api", "app: web");
    expect(told([clusterPolicy("guard", here)])).toContain(
      '- add TCP 3306 to the protocols of rule 1 "api" of ClusterNetworkPolicy guard\n',
    );
    const older = `  ingress:
  - {action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 5432}}]}
  - {action: Deny, from: [{namespaces: {}}]}`;
    const text = told([adminPolicy("old", older)]);
    expect(text).toContain("denied by rule 2 of AdminNetworkPolicy old (Admin, priority 20)  db.yaml:10");
    expect(text).toContain("Allow rule 1  db.yaml:9  from every pod of every namespace, TCP 5432");
    expect(text).toContain("- add TCP 3306 to the ports of rule 1 of AdminNetworkPolicy old\n");
    expect(text).toContain("- add an Allow (or Pass) rule from pods app=web of namespace shop");
  });

  it("does not advise ports for what has none", () => {
    const text = told([clusterPolicy("guard", ONLY_API)], "shop/web", "shop/db", { protocol: "other" });
    expect(text).toContain("rule from pods app=web of namespace shop, without protocols, before rule 2");
    expect(text).not.toContain("- add other");
    expect(text).not.toContain("- label");
  });

  it("tells of a rule that comes too late, and of one that only its name puts behind", () => {
    const late = clusterPolicy(
      "guard",
      `${DENY_ALL.slice(0, -1)}, {name: ok, action: Accept, from: [{namespaces: {}}]}]`,
    );
    const text = told([
      late,
      clusterPolicy("later", ACCEPT_ALL),
      clusterPolicy("last", ACCEPT_ALL, "Admin", 11),
    ]);
    expect(text).toContain(
      'Admin          rule 2 "ok" of ClusterNetworkPolicy guard would accept it, but comes too late',
    );
    expect(text).toContain("rule 1 of ClusterNetworkPolicy later would accept it, with priority 10 too");
    expect(text).toContain("only its name puts it behind: the API leaves the order of equal priorities open");
    expect(text).toContain("rule 1 of ClusterNetworkPolicy last would accept it, but comes too late");
    expect(text).toContain('- move rule 2 "ok" before rule 1\n');
    const other = told([clusterPolicy("guard", DENY_ALL), clusterPolicy("later", ACCEPT_ALL, "Admin", 11)]);
    expect(other).toContain("- give ClusterNetworkPolicy later a priority below 10\n");
    const zero = [
      clusterPolicy("guard", DENY_ALL, "Admin", 0),
      clusterPolicy("later", ACCEPT_ALL, "Admin", 0),
    ];
    expect(told(zero)).toContain("- give ClusterNetworkPolicy guard a priority above 0\n");
    expect(told([zero[0]!, clusterPolicy("later", ACCEPT_ALL)])).not.toContain("- give");
  });

  it("says what could not be understood, and what the rule did therefore", () => {
    const unknown = "  ingress: [{action: Pass, from: [{serviceAccounts: {}}]}]";
    const text = told([clusterPolicy("guard", unknown)]);
    expect(text).toContain("denied by rule 1 of ClusterNetworkPolicy guard (Admin, priority 10)  db.yaml:9");
    expect(text).toContain(
      "spec.ingress[0].from[0] is not understood (db.yaml:9), so the rule denies all ingress of its pods, on every port",
    );
    expect(text).toContain("- write spec.ingress[0].from[0] (db.yaml:9) in fields that are known here\n");
    const accept = `${unknown.replace("Pass", "Accept").slice(0, -1)}, {action: Deny, from: [{namespaces: {}}]}]`;
    const behind = told([clusterPolicy("guard", accept)]);
    expect(behind).toContain(
      "rule 1 of ClusterNetworkPolicy guard matches nothing: spec.ingress[0].from[0] is not understood",
    );
    expect(behind).not.toContain("before it that");
  });

  it("says that a policy has errors", () => {
    const broken = clusterPolicy("guard", DENY_ALL.replace("namespaces", "pods"));
    const text = told([broken]);
    expect(text).toContain("denied by ClusterNetworkPolicy guard (Admin, priority 10)  db.yaml:4");
    expect(text).toContain("it has errors, so it is taken to deny all ingress of its pods");
    expect(text).toContain("To allow it, correct ClusterNetworkPolicy guard first");
  });
});

describe("explainText of what leaves for nodes, networks and names", () => {
  const egress = (peer: string): string =>
    clusterPolicy(
      "out",
      `  egress: [{action: Accept, to: [${peer}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]`,
    );

  it("knows the labels of a node, and an address that is no node's", () => {
    const nodes = egress("{nodes: {matchLabels: {role: worker}}}");
    const known = told([nodes, NODE], "shop/web", "192.168.9.2");
    expect(known).toContain("peer   node with role=worker wanted, node n2 has role=edge     <- here");
    expect(known).toContain("- label node n2 role=worker\n");
    const unknown = told([nodes, NODE], "shop/web", "198.51.100.7");
    expect(unknown).toContain(
      "peer   nodes role=worker wanted, 198.51.100.7 is the address of no node     <- here",
    );
    expect(unknown).toContain(
      "To allow it, add an Accept (or Pass) rule to networks 198.51.100.7/32, TCP 3306",
    );
  });

  it("offers to widen networks", () => {
    const text = told([egress("{networks: [10.9.0.0/16]}")], "shop/web", "198.51.100.7");
    expect(text).toContain("peer   10.9.0.0/16 wanted, 198.51.100.7 is not in it     <- here");
    expect(text).toContain("- add 198.51.100.7/32 to the networks of rule 1 of ClusterNetworkPolicy out\n");
  });

  it("says that names are not resolved", () => {
    const text = told([egress("{domainNames: [example.org]}")], "shop/web", "198.51.100.7");
    expect(text).toContain("domains example.org wanted, but names are not resolved to addresses here");
  });
});

describe("explainText of the tiers around NetworkPolicy", () => {
  it("names what Admin passed on, and who was not asked", () => {
    const text = told([clusterPolicy("a", PASS_ALL), CLOSED, clusterPolicy("z", DENY_ALL, "Baseline")]);
    expect(text).toContain("enters shop/db           isolated for ingress by NetworkPolicy shop/db-policy");
    expect(text).toContain(
      "Admin          passed on by rule 1 of ClusterNetworkPolicy a (Admin, priority 10)  db.yaml:9",
    );
    expect(text).toContain("Baseline       not asked: NetworkPolicy is final for the pods that it isolates");
    expect(text).toContain("add a rule to NetworkPolicy shop/db-policy: from pods app=web");
  });

  it("says that Baseline decides because nothing isolates the pod", () => {
    const text = told([clusterPolicy("z", DENY_ALL, "Baseline", 7)]);
    expect(text).toContain("denied by rule 1 of ClusterNetworkPolicy z (Baseline, priority 7)  db.yaml:9");
    expect(text).toContain("NetworkPolicy  none isolates it for ingress, so Baseline is asked");
    expect(text).toContain(
      "- add a NetworkPolicy that allows it (which isolates shop/db: whatever else is to keep entering",
    );
    expect(text).toContain("before rule 1 of ClusterNetworkPolicy z, or in a policy of a priority below 7");
    const older = told([baselinePolicy(DENY_ALL)]);
    expect(older).toContain("denied by rule 1 of BaselineAdminNetworkPolicy default (Baseline)  db.yaml:7");
    expect(older).toContain(
      "add an Allow rule from pods app=web of namespace shop, TCP 3306, before rule 1 of B",
    );
    expect(older).not.toContain("priority");
  });

  it("says which rule accepts, and which order rests on names", () => {
    const text = told([clusterPolicy("a", ACCEPT_ALL), clusterPolicy("b", DENY_ALL), CLOSED]);
    expect(text).toContain("ALLOWED");
    expect(text).toContain("allowed by rule 1 of ClusterNetworkPolicy a (Admin, priority 10)  db.yaml:9");
    expect(text).toContain("Accept from every pod of every namespace, every protocol and port");
    expect(text).toContain("rule 1 of ClusterNetworkPolicy b would deny it, with priority 10 too");
  });

  it("says that no rule decides", () => {
    const rules = "  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: night}}}]}]";
    const names = ["a", "b", "c", "d"].map((name) => clusterPolicy(name, rules));
    const text = told([...names, clusterPolicy("z", rules, "Baseline")]);
    expect(text).toContain(
      "enters shop/db           open: no rule decides, and no NetworkPolicy isolates it for ingress",
    );
    expect(text).toContain(
      "Admin          no rule of ClusterNetworkPolicy a, ClusterNetworkPolicy b, ClusterNetworkPolicy c and 1 more matches",
    );
    expect(text).toMatch(/Baseline {7}no rule of ClusterNetworkPolicy z matches {2}db\.yaml:\d+/);
    expect(text).toContain("leaves shop/web          open: no policy isolates it for egress");
  });
});
