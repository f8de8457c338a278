import { describe, expect, it } from "vitest";
import { checkInputOf, podText } from "../check.fixture.ts";
import { sensitivePorts } from "./sensitive-ports.ts";

function of(name: string, labels: string, ports?: string): string[] {
  const { cluster } = checkInputOf(podText(`shop/${name}`, labels, ports));
  return sensitivePorts(cluster.pods[0]!).map(({ name: product, port }) => `${product} ${port}`);
}

describe("sensitivePorts", () => {
  it("knows declared ports by their number, whatever they are called", () => {
    expect(of("a", "app: a", "{containerPort: 8080}, {containerPort: 3306, name: sql}")).toEqual([
      "MySQL 3306",
    ]);
  });

  it("knows declared ports by the name of a product", () => {
    expect(of("a", "app: a", "{containerPort: 5433, name: postgres}")).toEqual(["PostgreSQL 5433"]);
  });

  it.each([
    ["catalog-postgres-0", "app: x", ["PostgreSQL 5432"]],
    ["a", "app.kubernetes.io/name: redis", ["Redis 6379"]],
    ["a", "app: redis-cluster", ["Redis 6379"]],
    ["redis-exporter", "app: redis-exporter", []],
    ["mongo-backup", "app: x", []],
    ["a", "tier: redis", []],
    ["redistribution", "app: redistribution", []],
  ])("guesses %s with %s", (name, labels, expected) => {
    expect(of(name, labels)).toEqual(expected);
  });

  it("does not guess where ports are declared", () => {
    expect(of("redis", "app: redis", "{containerPort: 8080}")).toEqual([]);
    expect(of("a", "app: a", "{containerPort: 5432, protocol: UDP}")).toEqual([]);
  });

  it("does not take metrics-server for a kubelet", () => {
    expect(of("metrics-server", "k8s-app: metrics-server", "{containerPort: 10250}")).toEqual([]);
  });
});
