import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { lexer, type Tokens } from "marked";
import { describe, expect, it } from "vitest";
import type { ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import { API_ONLY, diffOf, podText, policyText, SHOP_PODS } from "../analysis/diff/diff.fixture.ts";
import { diffGithub } from "./diff-github.ts";
import { diffJson } from "./diff-json.ts";
import { diffMarkdown } from "./diff-markdown.ts";
import { diffText } from "./diff-text.ts";
import { parseGithubCommand } from "./github-command.fixture.ts";
import { plainStyle } from "./style.ts";

const DB = "podSelector: {matchLabels: {app: db}}";
const ANYWHERE = policyText(
  "db",
  `${DB}\n  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}], ports: [{port: 5432}]}]`,
);
const BEFORE = `${SHOP_PODS}---\n${API_ONLY}`;

/** Comparisons of every sort: nothing, opening, closing, pods, families, tiers, and names that want to be markup. */
const DIFFS: Readonly<Record<string, ConnectionDiff>> = {
  nothing: diffOf(BEFORE, BEFORE),
  opening: diffOf(BEFORE, `${SHOP_PODS}---\n${ANYWHERE}`),
  removed: diffOf(BEFORE, SHOP_PODS),
  closing: diffOf(SHOP_PODS, BEFORE),
  pods: diffOf(BEFORE, `${SHOP_PODS.replace("app: web", "app: api")}${podText("new", "")}---\n${API_ONLY}`),
  families: diffOf(BEFORE, `${SHOP_PODS}---\n${ANYWHERE.replace(', {ipBlock: {cidr: "::/0"}}', "")}`),
  "on nodes": diffOf(BEFORE, `${BEFORE}${podText("agent", "", [], "hostNetwork: true, nodeName: n1, ")}`),
  tiers: diffOf(
    SHOP_PODS,
    `${SHOP_PODS}---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-db}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
  ingress:
  - {name: "no <b>|*db*\`@all", action: Deny, from: [{namespaces: {}}]}
`,
  ),
  markup: diffOf({ "o.yaml": BEFORE }, { "a|b`c*<i>,%.yaml": `${SHOP_PODS}---\n${ANYWHERE}` }),
};

const names = { before: "main", after: "HEAD" };

describe("podwall.diff/v1", () => {
  const schema = JSON.parse(
    readFileSync(new URL("../../schemas/podwall.diff.v1.schema.json", import.meta.url), "utf8"),
  ) as object;
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

  it.each(Object.entries(DIFFS))("holds of %s", (_, diff) => {
    validate(JSON.parse(JSON.stringify(diffJson(diff))));
    expect(validate.errors ?? []).toEqual([]);
  });

  it("tells every pair, its danger and its reason", () => {
    const { changes, summary } = diffJson(DIFFS.opening!);
    expect(summary).toMatchObject({ opens: 3, closes: 0 });
    expect(changes.map(({ from, to, danger }) => `${from} ${to} ${danger}`)).toEqual([
      "0.0.0.0/0 shop/db[Pod] from-outside",
      "batch/job[Pod] shop/db[Pod] sensitive-port",
      "shop/web[Pod] shop/db[Pod] sensitive-port",
      "::/0 shop/db[Pod] from-outside",
    ]);
    expect(changes[0]?.reasons).toEqual([
      {
        text: "rule 1 of NetworkPolicy shop/db: from addresses 0.0.0.0/0",
        file: "new.yaml",
        line: 27,
        column: 21,
      },
    ]);
    expect(changes[0]?.packet).toEqual({ from: "203.0.113.10", to: "shop/db", protocol: "TCP", port: 5432 });
  });

  it("refuses what it does not know", () => {
    expect(validate({ ...diffJson(DIFFS.opening!), extra: 1 })).toBe(false);
    expect(validate({ ...diffJson(DIFFS.opening!), changes: [{ change: "opens" }] })).toBe(false);
  });
});

describe("the Markdown", () => {
  it.each(Object.entries(DIFFS))("of %s has every change in a table of its own kind", (_, diff) => {
    const tokens = lexer(diffMarkdown(diff, names));
    const rows = tokens.flatMap((token) => (token.type === "table" ? (token as Tokens.Table).rows : []));
    expect(rows).toHaveLength(diff.changes.length);
    for (const cells of rows) expect(cells).toHaveLength(4);
    // No markup of names became markup of the page: tags are ours alone.
    const tags = JSON.stringify(tokens.map(htmlIn));
    expect(tags.replaceAll(/<br>|<\/?details>|<\/?summary>/g, "")).not.toMatch(/<\w/);
  });

  it("begins with what is dangerous, unfolded", () => {
    const page = diffMarkdown(DIFFS.opening!, names);
    const headings = lexer(page).flatMap((token) =>
      token.type === "heading" ? [(token as Tokens.Heading).text] : [],
    );
    expect(headings).toEqual([
      "podwall: 3 connections open, 17 unchanged; all that open are dangerous: from outside, to PostgreSQL",
      "Opens, and is dangerous (2)",
    ]);
    expect(page).toContain("**from outside, to PostgreSQL**");
    expect(page.indexOf("<details>")).toBeGreaterThan(page.indexOf("from outside"));
  });

  it("shows names as they are, and mentions nobody", () => {
    const [why] = tableCells(DIFFS.tiers!).map((cells) => cells[3]!);
    const text = plainText(why!.tokens);
    expect(text).toContain('rule 1 "no <b>|*db*`@\u200ball" of ClusterNetworkPolicy no-db');
    const [place] = tableCells(DIFFS.markup!).map((cells) => plainText(cells[3]!.tokens));
    expect(place).toContain("a|b`c*<i>,%.yaml:27");
  });

  it("stays below GitHub's limit, and counts what it leaves out", () => {
    const long = "x".repeat(50);
    const pods = Array.from({ length: 300 }, (_, n) => podText(`n${n}-${long}/p-${long}`, `n: "${n}"`)).join(
      "",
    );
    const policies = Array.from({ length: 300 }, (_, n) =>
      policyText(
        "p",
        `podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.${n % 250}.0.0/16}}], ports: [{port: ${n + 1}}]}]`,
      ).replace("namespace: shop", `namespace: n${n}-${long}`),
    ).join("---\n");
    const diff = diffOf(pods, `${pods}---\n${policies}`);
    expect(diff.changes.length).toBeGreaterThan(250);
    const page = diffMarkdown(diff, names);
    expect(page.length).toBeLessThan(65_536);
    const tokens = lexer(page);
    const shown = tokens.flatMap((token) =>
      token.type === "table" ? (token as Tokens.Table).rows : [],
    ).length;
    const left = [...page.matchAll(/^([\d,]+) more (?:is|are) left out/gm)].map(([, count]) =>
      Number(count!.replaceAll(",", "")),
    );
    expect(shown).toBeGreaterThan(50);
    expect(left.length).toBeGreaterThan(0);
    expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
  });
});

function tableCells(diff: ConnectionDiff): Tokens.TableCell[][] {
  return lexer(diffMarkdown(diff, names)).flatMap((token) =>
    token.type === "table" ? (token as Tokens.Table).rows : [],
  );
}

type Token = {
  readonly type: string;
  readonly raw: string;
  readonly text?: string;
  readonly tokens?: Token[];
};

/** The text of inline tokens as it is read. */
function plainText(tokens: readonly unknown[]): string {
  return (tokens as Token[])
    .map((token) => {
      if (token.type === "html") return "\n";
      if (token.tokens !== undefined) return plainText(token.tokens);
      return (token.text ?? token.raw)
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&amp;", "&");
    })
    .join("");
}

/** What a token holds of HTML. */
function htmlIn(token: unknown): string {
  const { type, raw, tokens } = token as Token;
  if (type === "html") return raw;
  const cells = token as Partial<Tokens.Table>;
  const inner = [...(tokens ?? []), ...(cells.rows ?? []).flat().flatMap((cell) => cell.tokens)];
  return inner.map(htmlIn).join("");
}

describe("the workflow commands", () => {
  it.each(Object.entries(DIFFS))("of %s are read back by a parser of commands", (_, diff) => {
    const [headline, ...commands] = diffGithub(diff).trimEnd().split("\n");
    expect(headline).toMatch(/^podwall diff: /);
    expect(commands.map(parseGithubCommand)).toHaveLength(diff.changes.length);
  });

  it("warn of what opens, at the rule that lets it in", () => {
    const [, first] = diffGithub(DIFFS.markup!).split("\n");
    expect(parseGithubCommand(first!)).toEqual({
      level: "warning",
      file: "a|b`c*<i>,%.yaml",
      line: 27,
      column: 21,
      title: "opens from outside, to PostgreSQL",
      message:
        "anyone outside over IPv4, batch/job, shop/web -> shop/db: TCP 5432 opens\nrule 1 of NetworkPolicy shop/db: from addresses 0.0.0.0/0",
    });
    expect(parseGithubCommand(diffGithub(DIFFS.closing!).split("\n")[1]!).level).toBe("notice");
  });
});

describe("the text", () => {
  it("of an opening tells who, where, what, why and how bad", () => {
    expect(diffText(DIFFS.opening!, plainStyle)).toMatchInlineSnapshot(`
      "3 connections open, 17 unchanged; all that open are dangerous: from outside, to PostgreSQL

        OPENS   anyone outside over IPv4, batch/job, shop/web  ->  shop/db  TCP 5432  !  from outside, to PostgreSQL
                new.yaml:27  rule 1 of NetworkPolicy shop/db: from addresses 0.0.0.0/0
        OPENS   anyone outside over IPv6                       ->  shop/db  TCP 5432  !  from outside, to PostgreSQL
                new.yaml:27  rule 1 of NetworkPolicy shop/db: from addresses ::/0

      policies    changed NetworkPolicy shop/db  new.yaml:24
      "
    `);
  });

  it("of pods tells them apart", () => {
    expect(diffText(DIFFS.pods!, plainStyle)).toMatchInlineSnapshot(`
      "10 connections open, 17 unchanged; 2 of those that open are dangerous: from outside, to PostgreSQL

      because pods, their namespaces or nodes changed
        OPENS   anyone outside  ->  shop/new                       everything  !  from outside
                no policy limits it
        OPENS   every pod       ->  shop/new                       everything
                no policy limits it
        OPENS   shop/web        ->  shop/db                        TCP 5432    !  to PostgreSQL
                new.yaml:32  rule 1 of NetworkPolicy shop/db: from pods app=api of namespace shop
        OPENS   shop/new        ->  anyone outside                 everything
                no policy limits it
        OPENS   shop/new        ->  batch/job, shop/api, shop/web  everything
                no policy limits it

      pods        added shop/new, 1 pod
                  changed shop/web: label app=web is now app=api
      "
    `);
  });

  it("says where a policy was that is gone", () => {
    expect(diffText(DIFFS.removed!, plainStyle)).toContain(
      "no policy isolates it for ingress any more (before: NetworkPolicy shop/db, old.yaml:24)",
    );
  });

  it("tells which labels of pods and namespaces are others", () => {
    const space = (labels: string): string =>
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: batch${labels}}\n---\n${SHOP_PODS}`;
    const diff = diffOf(
      space(", labels: {old: '1'}"),
      space(", labels: {team: a}").replace("app: web", "app: api, tier: front"),
    );
    expect(diffText(diff, plainStyle).split("\n").slice(2)).toEqual([
      "pods        changed shop/web: label app=web is now app=api, label tier=front added",
      "namespaces  relabelled batch: label old=1 removed, label team=a added",
      "",
    ]);
    expect(diffMarkdown(diff, names)).toContain(
      "- relabelled batch: label old=1 removed, label team=a added",
    );
  });

  it("counts what it leaves out, what opens and is dangerous apart", () => {
    const pods = Array.from({ length: 60 }, (_, n) => podText(`p${n}`, `n: n${n}`, ["5432"])).join("");
    const policies = (of: (n: number) => boolean, cidr: string): string =>
      Array.from({ length: 60 }, (_, n) => n)
        .filter(of)
        .map((n) =>
          policyText(
            `p${n}`,
            `podSelector: {matchLabels: {n: n${n}}}\n  ingress: [{from: [{ipBlock: {cidr: ${cidr}}}], ports: [{port: ${n + 1}}]}]`,
          ),
        )
        .join("---\n");
    const shut = policies(() => true, "192.0.2.1/32");
    const open = policies((n) => n < 45, "198.51.100.0/24");
    const diff = diffOf(
      `${pods}---\n${shut}`,
      `${pods}---\n${open}---\n${policies((n) => n >= 45, "192.0.2.9/32")}`,
    );
    const text = diffText(diff, plainStyle);
    expect(text.match(/^ {2}OPENS/gm)).toHaveLength(40);
    expect(text).toContain(
      "\n  and 20 more of what opens (20 dangerous) and 60 more of what closes; -o json tells all\n",
    );
    expect(diffGithub(diff)).toContain(
      "not shown: 10 more of what opens (10 dangerous) and 60 more of what closes",
    );
  });

  it("of nothing says so", () => {
    expect(diffText(DIFFS.nothing!, plainStyle)).toBe("nothing changes, 17 unchanged\n");
  });
});
