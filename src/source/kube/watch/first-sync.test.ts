import { expect, it } from "vitest";
import type { Cluster } from "../../../cluster/cluster.ts";
import { createFirstSync } from "./first-sync.ts";

const CLUSTER = {} as Cluster;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("keeps what comes in the same turn until those who wait have had the cluster", async () => {
  const told: string[] = [];
  const sync = createFirstSync(() => CLUSTER);
  sync.afterwards(() => told.push("too early: it is in the cluster"));
  const waiting = sync.synced.then(async (cluster) => {
    expect(cluster).toBe(CLUSTER);
    told.push("cluster");
  });
  sync.reach();
  sync.afterwards(() => told.push("first"));
  sync.afterwards(() => told.push("second"));
  sync.reach();
  await waiting;
  await turn();
  sync.afterwards(() => told.push("third"));
  expect(told).toEqual(["cluster", "first", "second", "third"]);
  expect(sync.isReached()).toBe(true);
});

it("tells nothing after it was closed", async () => {
  const sync = createFirstSync(() => CLUSTER);
  sync.close();
  await expect(sync.synced).rejects.toThrow("not followed any more");

  const late = createFirstSync(() => CLUSTER);
  const told: string[] = [];
  late.reach();
  late.afterwards(() => told.push("never"));
  late.close();
  await turn();
  late.afterwards(() => told.push("never"));
  expect(told).toEqual([]);
});
