// Runs in the network namespace of a node, with few rights: everything that the data plane does there, once.
import { readFileSync } from "node:fs";
import { clusterChanges } from "../../../src/cluster/diff.ts";
import { DEFAULT_ENFORCEMENT } from "../../../src/dataplane/config.ts";
import { openNodeDataplane } from "../../../src/dataplane/node-dataplane.ts";
import { createPolicyEngines } from "../../../src/dataplane/policy-engines.ts";
import { createReactor } from "../../../src/linux/reactor.ts";
import { flowText } from "../../../src/report/flow-text.ts";
import { plainStyle } from "../../../src/report/style.ts";
import { clusterOf } from "./cluster.ts";

/** What the process tells. */
export type DataplaneMessage =
  /** Lines of /proc/self/status. */
  | { readonly kind: "rights"; readonly status: readonly string[] }
  | { readonly kind: "started"; readonly differences: number }
  /** A policy has come that closes what was open. */
  | { readonly kind: "closed"; readonly differences: number }
  | { readonly kind: "cut"; readonly connections: number }
  | { readonly kind: "flow"; readonly text: string }
  | { readonly kind: "repair" }
  | { readonly kind: "bridge"; readonly code: string }
  | { readonly kind: "failed"; readonly message: string };

const tell = (message: DataplaneMessage): void => {
  process.send!(message);
};

async function enforce(): Promise<void> {
  const open = clusterOf("open");
  const engines = createPolicyEngines(open);
  const reactor = createReactor();
  const dataplane = openNodeDataplane({
    engines,
    node: "one",
    reactor,
    config: { ...DEFAULT_ENFORCEMENT, flows: "denied" },
    onCut: (cut) => tell({ kind: "cut", connections: cut.length }),
    onRepair: () => tell({ kind: "repair" }),
    onBridge: ({ code }) => tell({ kind: "bridge", code }),
    onFlow: (event) => {
      if (event.kind !== "flow") return;
      tell({ kind: "flow", text: flowText(event, plainStyle) });
    },
    onError: (error) => setImmediate(() => Promise.reject(error)),
  });
  await dataplane.start();
  tell({ kind: "started", differences: (await dataplane.verify()).length });
  process.on("message", async (message) => {
    if (message === "stop") {
      await dataplane.close();
      reactor.close();
      process.disconnect();
      return;
    }
    engines.apply(clusterChanges(open, clusterOf("closed")));
    await dataplane.enforce();
    tell({ kind: "closed", differences: (await dataplane.verify()).length });
  });
}

const status = readFileSync("/proc/self/status", "utf8").split("\n");
tell({ kind: "rights", status: status.filter((line) => /^(Uid|CapEff|CapBnd|NoNewPrivs)/.test(line)) });
try {
  await enforce();
} catch (error) {
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
