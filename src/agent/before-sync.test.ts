import { expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import type { Kernel } from "../dataplane/kernel/kernel.ts";
import { EMPTY_PROGRAM } from "../dataplane/program/program.ts";
import { WAITING_PROGRAM } from "../dataplane/program/waiting-program.ts";
import { parseManifests } from "../k8s/manifests.ts";
import { type Beginning, beginningOf } from "./before-sync.ts";
import type { AgentState } from "./state/state-text.ts";

function state(podCidrs: string): AgentState {
  const text = `
apiVersion: v1
kind: Node
metadata: {name: one}
spec: {podCIDRs: [${podCidrs}]}
---
apiVersion: v1
kind: Pod
metadata: {name: near}
spec: {nodeName: one, containers: [{name: main}]}
status: {podIPs: [{ip: 10.244.1.7}, {ip: "fd00::7"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: far}
spec: {nodeName: two, containers: [{name: main}]}
status: {podIPs: [{ip: 10.244.2.7}]}
`;
  const { objects } = parseManifests([{ file: "state.yaml", text }]);
  return { node: "one", boot: "before", cluster: buildCluster(objects, { unaddressed: "left-out" }).cluster };
}

const BOTH = '10.244.1.0/24, "fd00::/64"';

async function begin(
  known: AgentState | undefined,
  boot: string,
  { rules = false, closedAtBirth = true } = {},
): Promise<{ kind: Beginning["kind"]; pods?: readonly string[] }> {
  const kernel: Pick<Kernel, "read"> = { read: async () => (rules ? WAITING_PROGRAM : EMPTY_PROGRAM) };
  const beginning = await beginningOf(kernel, known, boot, { closedAtBirth });
  const cluster = beginning.kind === "unknown" ? undefined : beginning.known;
  return {
    kind: beginning.kind,
    ...(cluster === undefined ? {} : { pods: cluster.pods.map(({ name }) => name) }),
  };
}

it("leaves rules that are there alone, whatever is known", async () => {
  expect(await begin(undefined, "before", { rules: true })).toEqual({ kind: "held" });
  expect(await begin(state(BOTH), "before", { rules: true })).toEqual({
    kind: "held",
    pods: ["far", "near"],
  });
  expect(await begin(state(""), "now", { rules: true })).toEqual({ kind: "held", pods: ["far"] });
});

it("knows nothing without rules and without a state", async () => {
  expect(await begin(undefined, "before")).toEqual({ kind: "unknown" });
});

it("loads the state of this start of the machine", async () => {
  expect(await begin(state(BOTH), "before")).toEqual({ kind: "restorable", pods: ["far", "near"] });
  expect(await begin(state(""), "before")).toEqual({ kind: "restorable", pods: ["far", "near"] });
});

it("loads an older one without the node's pods, where all else of the node's is then closed", async () => {
  expect(await begin(state(BOTH), "now")).toEqual({ kind: "restorable", pods: ["far"] });
  expect(await begin(state(BOTH), "now", { closedAtBirth: false })).toEqual({ kind: "unknown" });
});

it("does not trust an older one where pods may have addresses that nobody would close", async () => {
  expect(await begin(state(""), "now")).toEqual({ kind: "unknown" });
  // The range of one family only, and pods of both.
  expect(await begin(state("10.244.1.0/24"), "now")).toEqual({ kind: "unknown" });
});
