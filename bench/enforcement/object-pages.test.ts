import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { clusterOf } from "../engine-adapter.ts";
import { objectsOf } from "../profiles/inventory.ts";
import { measuredCluster } from "./measured-cluster.ts";
import { readObjectPages, writeObjectPages } from "./object-pages.ts";

it("reads the objects back that it wrote", () => {
  const directory = mkdtempSync(join(tmpdir(), "podwall-bench-test-"));
  try {
    const objects = objectsOf(measuredCluster("many", 0.01));
    writeObjectPages(directory, objects);
    expect(readdirSync(directory)).toHaveLength(Math.ceil(objects.length / 500));
    const cluster = clusterOf(objects);
    const again = clusterOf(readObjectPages(directory));
    expect(again.pods).toEqual(cluster.pods);
    expect(again.networkPolicies).toEqual(cluster.networkPolicies);
    expect([...again.namespaces]).toEqual([...cluster.namespaces]);
    expect([...again.nodes]).toEqual([...cluster.nodes]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
