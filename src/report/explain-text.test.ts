import { describe, expect, it } from "vitest";
import { explainAudit } from "../engine/explain-audit.ts";
import { ask, dbPolicy, engineWith } from "./explain.fixture.ts";
import { explainText } from "./explain-text.ts";
import { plainStyle } from "./style.ts";

const sql = { protocol: "TCP", port: 3306 } as const;

function told(spec: string, from: string, traffic: Parameters<typeof ask>[3] = sql): string {
  const engine = engineWith(dbPolicy(spec));
  return explainText([ask(engine, from, "shop/db", traffic)], plainStyle, engine.cluster);
}

const FROM_API = "  ingress: [{from: [{podSelector: {matchLabels: {server: api}}}], ports: [{port: 3306}]}]";

describe("explainText", () => {
  it("shows the verdict, both sides and the way out", () => {
    expect(told(FROM_API, "shop/web")).toBe(`DENIED   shop/web  ->  shop/db  TCP 3306

  leaves shop/web          open: no policy isolates it for egress
  enters shop/db           isolated for ingress by NetworkPolicy shop/db-policy  db.yaml:3
                           no rule allows it. The only one:
                             rule 1  db.yaml:6  from pods server=api of namespace shop, TCP 3306
                               port   TCP 3306 matches
                               peer   server=api wanted, shop/web has server=web     <- here

  To allow it, label the pod server=api, or add a rule for server=web, TCP 3306.
`);
  });

  it("says which rule allows", () => {
    const text = told("  ingress: [{from: [{podSelector: {}}]}]", "shop/web");
    expect(text).toContain("ALLOWED  shop/web  ->  shop/db  TCP 3306");
    expect(text).toContain("allowed by rule 1 of NetworkPolicy shop/db-policy  db.yaml:6");
  });

  it("says that a label is absent", () => {
    expect(told(FROM_API, "shop/lone")).toContain("server=api wanted, shop/lone has no label server");
  });

  it("explains that a podSelector alone stays in its namespace", () => {
    const text = told(FROM_API, "batch/job");
    expect(text).toContain("namespace shop wanted, batch/job is in namespace batch");
    expect(text).toContain("A podSelector alone reaches only the policy's own namespace, shop");
    expect(text).toContain("kubernetes.io/metadata.name: batch");
  });

  it("shows the labels of a namespace", () => {
    const text = told("  ingress: [{from: [{namespaceSelector: {matchLabels: {team: day}}}]}]", "batch/job");
    expect(text).toContain("team=day wanted, namespace batch has team=night");
    expect(text).toContain("label namespace batch team=day");
  });

  it("asks for the labels of namespace and pod where both are unmet", () => {
    const both =
      "  ingress: [{from: [{namespaceSelector: {matchLabels: {team: q}}, podSelector: {matchLabels: {app: q}}}]}]";
    const text = told(both, "batch/job");
    expect(text).toContain(
      "team=q on the namespace and app=q on the pod wanted, " +
        "batch/job has team=night on the namespace and no label app on the pod",
    );
    expect(text).toContain(
      "To allow it, label namespace batch team=q and pod batch/job app=q, or add a rule with a " +
        "namespaceSelector for kubernetes.io/metadata.name: batch and, in the same list entry, " +
        "a podSelector for server=api, TCP 3306.",
    );
  });

  it("asks for labels that are enough once they are set, and no fewer", () => {
    const both =
      "  ingress: [{from: [{namespaceSelector: {matchLabels: {team: q}}, podSelector: {matchLabels: {app: q}}}]}]";
    const textWith = (team: string, app: string): string => {
      const ops = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {team: ${team}}}\n`;
      const cron =
        `apiVersion: v1\nkind: Pod\nmetadata: {namespace: ops, name: cron, labels: {app: ${app}}}\n` +
        "spec: {containers: [{name: c, image: i}]}\nstatus: {podIPs: [{ip: 10.244.0.9}]}\n";
      const engine = engineWith(dbPolicy(both), ops, cron);
      return explainText([ask(engine, "ops/cron", "shop/db", sql)], plainStyle, engine.cluster);
    };
    expect(textWith("p", "b")).toContain(
      "To allow it, label namespace ops team=q and pod ops/cron app=q, or",
    );
    expect(textWith("q", "b")).toContain("To allow it, label the pod app=q, or");
    expect(textWith("p", "q")).toContain("To allow it, label namespace ops team=q, or");
    expect(textWith("q", "q")).toContain("ALLOWED");
  });

  it("advises a new rule alone for a pod of another namespace with other labels", () => {
    const text = told(FROM_API.replace("api", "old"), "batch/job");
    expect(text).toContain(
      "namespace shop and server=old on the pod wanted, " +
        "batch/job is in namespace batch, with server=api on the pod",
    );
    expect(text).toContain(
      "To allow it, add a rule with a namespaceSelector for kubernetes.io/metadata.name: batch and, " +
        "in the same list entry, a podSelector for server=api, TCP 3306.",
    );
  });

  it("does not advise to change the label that is the name of the namespace", () => {
    const name = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}";
    const text = told(`  ingress: [{from: [${name}]}]`, "batch/job");
    expect(text).toContain(
      "To allow it, add a rule with a namespaceSelector for kubernetes.io/metadata.name: batch, TCP 3306.",
    );
  });

  it("takes a rule that misses namespace and pod to be further off", () => {
    const both =
      "{from: [{namespaceSelector: {matchLabels: {team: q}}, podSelector: {matchLabels: {app: q}}}]}";
    const text = told(
      `  ingress: [${both}, {from: [{namespaceSelector: {matchLabels: {team: q}}}]}]`,
      "batch/job",
    );
    expect(text.indexOf("rule 2 ")).toBeLessThan(text.indexOf("rule 1 "));
    expect(text).toContain("To allow it, label namespace batch team=q, or");
  });

  it("gives a new rule its own port, and widens the old one only along with a label", () => {
    const otherPort = FROM_API.replace("3306", "5432");
    const outside = told(otherPort, "192.168.5.7");
    expect(outside).toContain("To allow it, add a rule with ipBlock 192.168.5.7/32, TCP 3306.");
    expect(outside).not.toContain("to the ports of");
    expect(told(otherPort, "shop/web")).toContain(
      "To allow it, add a rule for server=web, TCP 3306. Or label the pod server=api; " +
        "then also add TCP 3306 to the ports of rule 1 of NetworkPolicy shop/db-policy.",
    );
    expect(told(otherPort, "shop/web", { protocol: "other" })).toContain(
      "To allow it, add a rule for server=web, without ports.",
    );
    expect(told(otherPort, "batch/job")).toContain("a podSelector for server=api, TCP 3306.");
  });

  it("knows the address of a node", () => {
    const node =
      "apiVersion: v1\nkind: Node\nmetadata: {name: n2}\nstatus: {addresses: [{type: InternalIP, address: 192.168.9.2}]}\n";
    const engine = engineWith(dbPolicy(FROM_API), node);
    const text = explainText([ask(engine, "192.168.9.2", "shop/db", sql)], plainStyle, engine.cluster);
    expect(text).toContain("leaves 192.168.9.2       address of node n2: policies limit pods only");
    expect(told(FROM_API, "192.168.9.3")).toContain("outside the cluster: policies limit pods only");
  });

  it("tells which number the name of a port means on the pod", () => {
    const named = "  ingress: [{ports: [{port: sql}]}]";
    const web = { protocol: "TCP", port: 80 } as const;
    const text = told(named, "shop/web", web);
    expect(text).toContain("TCP port named sql wanted, which is TCP 3306 on shop/db; this is TCP 80");
    expect(text).toContain(
      "To allow it, connect to TCP 3306, which is what the name sql means on shop/db, or, if TCP 80 is to be " +
        "open too, add it to the ports of rule 1 of NetworkPolicy shop/db-policy.",
    );
    expect(told(named.replace("}]}]", "}, {port: 53, protocol: UDP}]}]"), "shop/web", web)).toContain(
      "TCP port named sql (TCP 3306 on shop/db) or UDP 53 wanted, this is TCP 80",
    );
  });

  it("shows the port that missed", () => {
    const text = told(FROM_API.replace("3306", "5432").replace("api", "web"), "shop/web");
    expect(text).toContain("TCP 5432 wanted, this is TCP 3306     <- here");
    expect(text).toContain(
      "To allow it, add TCP 3306 to the ports of rule 1 of NetworkPolicy shop/db-policy.",
    );
  });

  it("tells of a port name that the pod does not declare", () => {
    const text = told("  ingress: [{ports: [{port: mysql}]}]", "shop/web");
    expect(text).toContain("TCP port named mysql (the pod has no port of that name) wanted");
    expect(text).toContain('name port 3306 of shop/db "mysql"');
  });

  it("tells of protocols that a rule with ports leaves out", () => {
    const text = told("  ingress: [{ports: [{port: 80}]}]", "shop/web", { protocol: "other" });
    expect(text).toContain("add a rule without ports");
  });

  it("tells of a block and its exceptions", () => {
    const block = "  ingress: [{from: [{ipBlock: {cidr: 192.168.0.0/16, except: [192.168.5.0/24]}}]}]";
    const excepted = told(block, "192.168.5.7");
    expect(excepted).toContain("not 192.168.5.0/24 wanted, 192.168.5.7 is in it");
    expect(excepted).toContain("ipBlock 192.168.5.7/32");
    expect(told(block, "172.16.0.1")).toContain("192.168.0.0/16 wanted, 172.16.0.1 is not in it");
  });

  it("tells of a selector that meets an address", () => {
    expect(told(FROM_API, "192.168.5.7")).toContain(
      "192.168.5.7 is the address of no pod, and selectors match only pods.",
    );
  });

  it("tells of a pod on the network of its node", () => {
    const text = told(FROM_API, "shop/agent");
    expect(text).toContain("leaves shop/agent        on the network of its node");
    expect(text).toContain("shop/agent is on the node's network     <- here");
    expect(text).toContain("add a rule with ipBlock 192.168.9.1/32, the node's address, TCP 3306.");
  });

  it("asks for a change on both sides where both deny", () => {
    const closed = dbPolicy("  policyTypes: [Ingress, Egress]", "all").replace(
      "{matchLabels: {app: db}}",
      "{}",
    );
    const engine = engineWith(closed);
    const text = explainText([ask(engine, "shop/web", "shop/db", sql)], plainStyle);
    expect(text).toContain("nothing may leave");
    expect(text).toContain("Both sides stop it, so both need a change.");
    expect(text).toContain("To leave: ");
  });

  it("knows a pod by its address", () => {
    expect(told(FROM_API, "10.244.0.2")).toContain("server=api wanted, shop/web has server=web");
  });

  it("tells of an empty list of rules", () => {
    const text = told("  policyTypes: [Ingress]", "shop/web");
    expect(text).toContain("its list of rules is empty, so nothing may enter");
    expect(text).toContain("from pods app=web of namespace shop, TCP 3306");
  });

  it("tells of a policy with errors", () => {
    const text = told("  ingress: [{ports: [{port: 99999}]}]", "shop/web");
    expect(text).toContain("NetworkPolicy shop/db-policy has errors");
    expect(text).toContain("correct the policy first");
  });

  it("shows three rules and counts the rest", () => {
    const rules = [1, 2, 3, 4, 5].map((port) => `{ports: [{port: ${port}}]}`).join(", ");
    expect(told(`  ingress: [${rules}]`, "shop/web")).toContain("and 2 more rules that are further off");
  });

  it("shows both families where they differ", () => {
    const engine = engineWith(dbPolicy('  ingress: [{from: [{ipBlock: {cidr: "10.244.0.0/16"}}]}]'));
    const both = ([4, 6] as const).map((family) => ask(engine, "shop/web", "shop/db", sql, family));
    const text = explainText(both, plainStyle);
    expect(text).toContain("ALLOWED  shop/web  ->  shop/db  TCP 3306  IPv4");
    expect(text).toContain("DENIED   shop/web  ->  shop/db  TCP 3306  IPv6");
    expect(text).toContain("add a rule with ipBlock fd00:10:244::2/128");
  });

  it("says so where an end has no address of the family", () => {
    const text = explainText([ask(engineWith(), "shop/lone", "shop/db", sql, 6)], plainStyle);
    expect(text).toContain("shop/lone has no IPv6 address");
  });
});

describe("explainText of policies in audit mode", () => {
  const AUDIT = ", annotations: {podwall.io/mode: audit}";
  const tellAudited = (...policies: string[]): string => {
    const engine = engineWith(...policies);
    const explanation = explainAudit(engine)(ask(engine, "shop/web", "shop/db", sql));
    return explainText([explanation], plainStyle, engine.cluster);
  };

  it("says that a packet is let through all the same", () => {
    const text = tellAudited(dbPolicy(FROM_API, "db-policy", AUDIT));
    expect(text).toContain("DENIED   shop/web  ->  shop/db  TCP 3306");
    expect(text).toContain(
      "\n  NetworkPolicy shop/db-policy is in audit mode: this is logged, and let through.\n",
    );
  });

  it("names several, and none where an enforced policy denies it too", () => {
    const audited = ["one", "two"].map((name) => dbPolicy(FROM_API, name, AUDIT));
    expect(tellAudited(...audited)).toContain(
      "NetworkPolicy shop/one and NetworkPolicy shop/two are in audit mode: this is logged",
    );
    expect(tellAudited(...audited, dbPolicy(FROM_API))).not.toContain("audit");
  });
});
