import { describe, expect, it } from "vitest";
import type { FlowDocument, FlowEventDocument } from "../report/flow-json.ts";
import { type FlowSelection, readFlow, selectFlows } from "./flow-selection.ts";

const FLOW: FlowEventDocument = {
  schema: "podwall.flow/v1",
  kind: "flow",
  time: "2030-01-01T00:00:00.000Z",
  node: "one",
  direction: "ingress",
  verdict: "denied",
  family: "IPv4",
  source: { address: "192.0.2.7", kind: "address" },
  destination: { address: "10.1.0.1", kind: "pod", pod: "shop/db-0", workload: "shop/db[StatefulSet]" },
  repeated: 0,
  policies: ["NetworkPolicy shop/db-policy", "ClusterNetworkPolicy baseline"],
  why: "decided",
  reason: "nothing allows it",
};
const SUPPRESSED: FlowDocument = {
  schema: "podwall.flow/v1",
  kind: "suppressed",
  time: "2030-01-01T00:00:00.000Z",
  node: "one",
  count: 3,
  seconds: 1,
  cause: "limits",
};

describe("selectFlows", () => {
  it.each<[FlowSelection, boolean]>([
    [{}, true],
    [{ namespace: "shop" }, true],
    [{ namespace: "sho" }, false],
    [{ pod: ["shop/db-0"] }, true],
    [{ pod: ["db-0"] }, true],
    [{ pod: ["db-0"], namespace: "shop" }, true],
    [{ pod: ["db-0"], namespace: "batch" }, false],
    [{ pod: ["shop/db"] }, true],
    [{ pod: ["db"], namespace: "shop" }, true],
    [{ pod: ["shop/db[StatefulSet]"] }, true],
    [{ pod: ["b-0"] }, false],
    [{ pod: ["shop/d"] }, false],
    [{ policy: ["shop/db-policy"] }, true],
    [{ policy: ["db-policy"] }, true],
    [{ policy: ["policy"] }, false],
    [{ policy: ["db-policy"], namespace: "shop" }, true],
    [{ policy: ["shop/other"] }, false],
    [{ policy: ["netpol/db-policy"] }, true],
    [{ policy: ["netpol/db-policy"], namespace: "shop" }, true],
    [{ policy: ["cnp/db-policy"] }, false],
    [{ policy: ["cnp/baseline"] }, true],
    [{ policy: ["baseline"], namespace: "shop" }, true],
    [{ policy: ["netpol/baseline"] }, false],
    [{ policy: ["cnp/baseline"], pod: ["shop/web"] }, false],
    [{ pod: ["shop/web", "shop/db"] }, true],
    [{ pod: ["shop/web", "shop/api"] }, false],
    [{ policy: ["shop/other", "db-policy"] }, true],
  ])("by %j", (selection, expected) => {
    expect(selectFlows(selection)(FLOW)).toBe(expected);
  });

  it("never hides how much was not told", () => {
    expect(selectFlows({ namespace: "batch", pod: ["x"], policy: ["y"] })(SUPPRESSED)).toBe(true);
  });
});

it("reads what agents tell, and nothing else", () => {
  for (const flow of [FLOW, SUPPRESSED]) expect(readFlow(JSON.parse(JSON.stringify(flow)))).toEqual(flow);
  for (const other of [null, [], "x", {}, { ...FLOW, kind: "new" }, { ...FLOW, source: {} }]) {
    expect(readFlow(other)).toBeUndefined();
  }
});
