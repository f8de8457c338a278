import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ResourceStatus } from "../source/kube/source-status.ts";
import { startSourceLog } from "./source-log.ts";

const GONE = { state: "waiting", error: "Nothing listens there.", help: "Is it up?" } as const;

let resources: ResourceStatus[];
let told: string[];
let stop: () => void;

function become(
  ...statuses: readonly (Pick<ResourceStatus, "resource"> & Partial<ResourceStatus>)[]
): string[] {
  resources = statuses.map((status) => ({ state: "watching", objects: 0, lists: 1, watches: 1, ...status }));
  vi.advanceTimersByTime(1000);
  return told.splice(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  resources = [];
  told = [];
  stop = startSourceLog({
    status: () => ({ server: "https://192.0.2.1", synced: true, resources }),
    onTrouble: (names, error, help) => told.push(`${names.join(" ")}: ${error} ${help}`),
    onRecovered: (names) => told.push(`${names.join(" ")} well`),
    everyMillis: 1000,
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

it("tells a reason once, for all that it is the reason of", () => {
  const gone = [
    { resource: "pods", ...GONE },
    { resource: "nodes", ...GONE },
  ];
  expect(become(...gone)).toEqual(["pods nodes: Nothing listens there. Is it up?"]);
  expect(become(...gone)).toEqual([]);
  expect(become({ resource: "pods", ...GONE }, { resource: "nodes" })).toEqual(["nodes well"]);
  expect(become({ resource: "pods" }, { resource: "nodes" })).toEqual(["pods well"]);
});

it("tells another reason, and nothing is well while all is read anew", () => {
  become({ resource: "pods", ...GONE });
  expect(become({ resource: "pods", ...GONE, error: "No." })).toEqual(["pods: No. Is it up?"]);
  expect(become({ resource: "pods", state: "listing" })).toEqual([]);
});
