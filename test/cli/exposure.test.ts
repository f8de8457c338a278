// `podwall map --exposure` through the built command line.
import { describe, expect, it } from "vitest";
import { podwall } from "./run-podwall.ts";

const SHOP = "examples/shop";

describe("podwall map --exposure", () => {
  it("tells who could come in to what a policy isolates, and what none limits", async () => {
    const { code, stdout, stderr } = await podwall(["map", "--exposure", SHOP]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /db\n +who may come in\n +pods server=api of this namespace +TCP 3306 +now: api\n/,
    );
    expect(stdout).toMatch(/No policy limits who may come in\n +shop +api, frontend\n/);
  });

  it("prints JSON", async () => {
    const { code, stdout } = await podwall(["map", "--exposure", "--to", "shop/db", "-o", "json", SHOP]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: "podwall.exposure/v1",
      sides: [{ workload: "shop/db[StatefulSet]", direction: "ingress", limited: true }],
    });
    expect(document.sides).toHaveLength(1);
  });

  it.each([
    [["--from", "shop/db"], ["egress"]],
    [["--to", "shop/db-0"], ["ingress"]],
    [
      ["--namespace", "shop"],
      ["ingress", "egress", "ingress", "egress", "ingress", "egress"],
    ],
  ])("keeps what %j asks for", async (filter, directions) => {
    const { stdout } = await podwall(["map", "--exposure", ...filter, "-o", "json", SHOP]);
    const sides: { direction: string }[] = JSON.parse(stdout).sides;
    expect(sides.map(({ direction }) => direction)).toEqual(directions);
  });

  it.each([
    [["-o", "csv"], /text or json/],
    [["--pods"], /--pods/],
    [["--port", "80"], /--port 80/],
    [["--from", "shop/db", "--to", "shop/api"], /one end/],
    [["--to", "shop/none"], /shop\/none: no such workload or pod; there are: shop\/api/],
    [["--to", "10.0.0.1"], /10\.0\.0\.1/],
    [["--namespace", "none"], /--namespace none/],
  ])("refuses %j", async (args, words) => {
    const { code, stdout, stderr } = await podwall(["map", "--exposure", ...args, SHOP]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(words);
  });

  const PUBLISHED = `
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: typo, namespace: shop}, spec: {type: Loadbalancer}}
`;

  it("tells what is published, and only warns of a Service that cannot be understood", async () => {
    const { code, stdout, stderr } = await podwall(["map", "--exposure", "-"], { stdin: PUBLISHED });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /service shop\/web \(LoadBalancer\)\n +TCP 80 -> web TCP 80 +allowed from anywhere\n/,
    );
    expect(stderr).toMatch(/8:\d+ +warning +unknown-value\n.*Service shop\/typo.*\n.*LoadBalancer/);
    expect(stderr).not.toContain("skipped");
  });

  it.each([
    [["--to", "shop/web"], ["shop/web"]],
    [["--to", "shop/db"], []],
    [["--from", "shop/web"], []],
    [["--namespace", "shop"], ["shop/web"]],
  ])("keeps of what is published what %j asks for", async (filter, services) => {
    const { stdout } = await podwall(["map", "--exposure", "-o", "json", ...filter, "-"], {
      stdin: PUBLISHED,
    });
    const { published } = JSON.parse(stdout);
    expect(published.services.map(({ service }: { service: string }) => service)).toEqual(services);
  });
});
