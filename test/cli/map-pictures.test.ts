import { readFileSync } from "node:fs";
import { parse } from "@ts-graphviz/ast";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

const SHOP = "examples/shop";
const PICTURES = ["dot", "mermaid", "svg", "html"] as const;

function isWellFormed(xml: string): boolean {
  const parser = new SaxesParser({ fragment: false });
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(xml).close();
  return true;
}

describe("podwall map as a picture", () => {
  it("is DOT", async () => {
    const { code, stdout } = await podwall(["map", "-o", "dot", SHOP]);
    expect(code).toBe(0);
    expect(parse(stdout).children[0]).toMatchObject({ type: "Graph", directed: true });
    expect(stdout).toContain('"shop/api[Deployment]" -> "shop/db[StatefulSet]" [label="TCP 3306"];');
  });

  it("is a Mermaid flowchart", async () => {
    const { code, stdout } = await podwall(["map", "-o", "mermaid", SHOP]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^flowchart LR\n/);
    expect(stdout.match(/-->/g)).toHaveLength(1);
    expect(stdout).toContain('-->|"TCP 3306"|');
  });

  it("is SVG, the same as in the documentation", async () => {
    const { code, stdout } = await podwall(["map", "-o", "svg", SHOP]);
    expect(code).toBe(0);
    expect(isWellFormed(stdout)).toBe(true);
    expect(stdout, "run: podwall map -o svg examples/shop > docs/pictures/shop.svg").toBe(
      readFileSync(`${ROOT}docs/pictures/shop.svg`, "utf8"),
    );
  });

  it("is one HTML page, with a script and without any address to load something from", async () => {
    const { code, stdout } = await podwall(["map", "-o", "html", SHOP]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>/);
    expect(stdout).toContain(`default-src 'none'`);
    expect(stdout).toContain("addEventListener");
    expect(stdout).not.toMatch(/\b(?:src|href)=/);
    expect(stdout.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
  });

  it.each(PICTURES)("says what it was limited to: %s", async (picture) => {
    const args = ["--to", "shop/db", "--port", "3306", SHOP];
    const { code, stdout } = await podwall(["map", "-o", picture, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain("only connections to shop/db on port 3306");
    expect(stdout).not.toContain("frontend");
  });

  it("has a box for each pod with --pods", async () => {
    const { stdout } = await podwall(["map", "-o", "dot", "--pods", SHOP]);
    expect(stdout).toContain('"shop/api-0" -> "shop/db-0"');
  });

  it.each(PICTURES)("is refused with --exposure: %s", async (picture) => {
    const { code, stderr } = await podwall(["map", "--exposure", "-o", picture, SHOP]);
    expect(code).toBe(2);
    expect(stderr).toContain(`--exposure -o ${picture}: exposure is printed as text or json`);
  });

  it.each(["dot", "mermaid", "svg"])(
    "shows namespaces where arrows are too many to read: %s",
    async (picture) => {
      const { code, stdout } = await podwall(["map", "-o", picture, "-"], { stdin: everyPair(21, 1) });
      expect(code).toBe(0);
      expect(stdout).toContain("420 arrows are too many to read, so these are namespaces");
      expect(stdout).toContain("420 connections inside");
      expect(stdout).not.toContain("pod-7");
    },
  );

  it("is refused where even namespaces have too many, and says how to ask for less", async () => {
    const stdin = everyPair(22, 22);
    const { code, stderr, stdout } = await podwall(["map", "-o", "svg", "-"], { stdin });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("462 arrows, too many even between namespaces");
    expect(stderr).toContain("--namespace, --from, --to or --port");
    // The page has its table.
    const page = await podwall(["map", "-o", "html", "-"], { stdin });
    expect(page.code).toBe(0);
    expect(page.stdout).toContain("There is no picture");
    expect(page.stdout).toContain("pod-7");
  });
});

/** Pods in a number of namespaces, and for each pair of them a port of its own. */
function everyPair(pods: number, namespaces: number): string {
  const objects: object[] = [];
  const namespaceOf = (i: number): string => `ns-${i % namespaces}`;
  for (let i = 0; i < namespaces; i++) {
    objects.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: `ns-${i}` } });
  }
  for (let i = 0; i < pods; i++) {
    const metadata = { name: `pod-${i}`, namespace: namespaceOf(i) };
    objects.push({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, labels: { pod: `${i}` } },
      spec: { containers: [{ name: "c", image: "i" }] },
    });
    const others = Array.from({ length: pods }, (_, j) => j).filter((j) => j !== i);
    objects.push({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: {
        podSelector: { matchLabels: { pod: `${i}` } },
        policyTypes: ["Ingress", "Egress"],
        ingress: others.map((j) => ({
          from: [{ namespaceSelector: {}, podSelector: { matchLabels: { pod: `${j}` } } }],
          ports: [{ port: 1000 + i * pods + j }],
        })),
        egress: [{}],
      },
    });
  }
  return objects.map((object) => JSON.stringify(object)).join("\n---\n");
}
