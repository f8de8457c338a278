import { beforeEach, describe, expect, it } from "vitest";
import { clusterPolicyObject } from "../../cluster/objects.fixture.ts";
import type { EnforcementReport } from "../../dataplane/enforcer.ts";
import type { FlowEvent } from "../../dataplane/flow-log/event.ts";
import { DB_POLICY } from "../../dataplane/flow-log/flow-log.fixture.ts";
import { ADDRESSES, engineOf, flowsOf, SUPPRESSED, syn } from "../../report/flow.fixture.ts";
import { flowJson } from "../../report/flow-json.ts";
import { type AgentTelemetry, createTelemetry, type TelemetryOptions } from "./create-telemetry.ts";
import { policyStatus, STATUS, type TestView, testLogger, testView, WORDS } from "./testing/agent.ts";
import { type Family, lint, parseExposition } from "./testing/exposition.ts";

let view: TestView;
let log: ReturnType<typeof testLogger>;
let now: number;
let telemetry: AgentTelemetry;

const create = (options: Partial<TelemetryOptions> = {}): AgentTelemetry =>
  createTelemetry({
    node: "n1",
    version: "1.2.3",
    view: () => view,
    logger: log.logger,
    words: WORDS,
    processMetrics: false,
    now: () => now,
    ...options,
  });

beforeEach(() => {
  view = testView();
  log = testLogger();
  now = 0;
  telemetry = create();
});

const families = async (of = telemetry): Promise<ReadonlyMap<string, Family>> =>
  parseExposition(await of.exposition());

/** The samples of a metric, by their labels: `{code="bridge"}`. */
async function valuesOf(name: string): Promise<Record<string, number>> {
  const family = (await families()).get(`podwall_${name}`);
  if (family === undefined) throw new Error(`no podwall_${name}`);
  return Object.fromEntries(
    family.samples
      .filter((sample) => !sample.name.endsWith("_bucket"))
      .map(({ name: full, labels, value }) => [
        `${full.slice(family.name.length)}${Object.entries(labels)
          .map(([label, text]) => `${label}=${text}`)
          .join(" ")}`,
        value,
      ]),
  );
}
const onlyValue = async (name: string): Promise<number | undefined> => (await valuesOf(name))[""];

/** What is not zero. */
async function nonZero(name: string): Promise<Record<string, number>> {
  return Object.fromEntries(Object.entries(await valuesOf(name)).filter(([, value]) => value !== 0));
}

const report = (other: Partial<EnforcementReport>): EnforcementReport => ({
  generation: 1,
  operations: 3,
  millis: 2.5,
  inForceAt: 0,
  problems: [],
  cut: [],
  ...other,
});

const { web, db, outside } = ADDRESSES;
const deniedByDb = flowsOf(engineOf(DB_POLICY), syn(web, db, 3306))[0]!;

/** The same event, decided by other policies. */
const decidedBy = (policies: readonly string[], repeated = 0): FlowEvent => ({
  ...deniedByDb,
  policies,
  repeated,
});

describe("the metrics", () => {
  it("are as Prometheus wants them, those of the process included", async () => {
    telemetry = create({ processMetrics: true });
    telemetry.flow(deniedByDb);
    telemetry.sourceEvent("pods", "added");
    telemetry.apiRequest("list", "pods", "200", 10);
    telemetry.enforced(report({}), 4);
    const all = [...(await families()).values()];
    expect(all.flatMap(lint)).toEqual([]);
    expect(all.length).toBeGreaterThan(50);
    expect(all.map(({ name }) => name)).toEqual(
      telemetry.registry.getMetricsAsArray().map(({ name }) => name),
    );
  });

  it("are there before the agent can tell anything of itself", async () => {
    const early = await families(create({ view: () => undefined }));
    expect(early.get("podwall_build_info")?.samples).toEqual([
      { name: "podwall_build_info", labels: { version: "1.2.3" }, value: 1 },
    ]);
    expect(early.get("podwall_ready")?.samples).toMatchObject([{ value: 0 }]);
  });

  it("measure how long changes take, in seconds", async () => {
    telemetry.enforced(report({ millis: 2.5, operations: 3 }), 40);
    telemetry.enforced(report({ millis: 0.1, operations: 0 }), 1);
    expect(await valuesOf("sync_duration_seconds")).toEqual({ _sum: expect.closeTo(0.041, 9), _count: 2 });
    // Nothing was different, so there was no transaction.
    expect(await valuesOf("transaction_duration_seconds")).toEqual({ _sum: 0.0025, _count: 1 });
    expect(await onlyValue("transaction_operations_total")).toBe(3);
  });

  it("count what comes from the API server", async () => {
    telemetry.sourceEvent("pods", "added");
    telemetry.sourceEvent("pods", "added");
    telemetry.sourceEvent("pods", "bookmark");
    telemetry.apiRequest("list", "pods", "200", 1000);
    telemetry.apiRequest("list", "pods", "500", 20);
    expect(await valuesOf("source_events_total")).toEqual({
      "resource=pods type=added": 2,
      "resource=pods type=bookmark": 1,
    });
    expect(await valuesOf("api_requests_total")).toEqual({
      "verb=list resource=pods code=200": 1,
      "verb=list resource=pods code=500": 1,
    });
    expect(await valuesOf("api_received_bytes_total")).toEqual({ "verb=list resource=pods": 1020 });
  });

  it("count what goes wrong in the kernel, starting at zero", async () => {
    expect(await valuesOf("nft_errors_total")).toEqual({
      "outcome=replaced": 0,
      "outcome=closed": 0,
      "outcome=unchanged": 0,
    });
    const problem = {
      message: "no such file",
      chains: [],
      pods: ["shop/db"],
      policies: ["NetworkPolicy shop/db"],
    };
    telemetry.problem({ ...problem, outcome: "closed" });
    telemetry.problem({ ...problem, outcome: "replaced" });
    // They are told by themselves, so they do not count twice.
    telemetry.enforced(report({ problems: [{ ...problem, outcome: "closed" }] }), 1);
    expect(await nonZero("nft_errors_total")).toEqual({ "outcome=closed": 1, "outcome=replaced": 1 });
    expect(log.lines().filter(({ level }) => level !== "debug")).toMatchObject([
      {
        level: "error",
        problem: { outcome: "closed", pods: ["shop/db"] },
        msg: expect.stringContaining("shop/db"),
      },
      { level: "warn", problem: { outcome: "replaced" } },
    ]);
  });

  it("count repairs, verifications and cuts", async () => {
    telemetry.repaired({ tableWasGone: true, repaired: 40, millis: 3, by: "nft" });
    telemetry.repaired({ tableWasGone: false, repaired: 2, millis: 3, by: undefined });
    telemetry.verified(0, 20);
    telemetry.verified(3, 30);
    telemetry.cut(4);
    telemetry.cut(1);
    expect(await valuesOf("drift_repairs_total")).toEqual({ "extent=table": 1, "extent=part": 1 });
    expect(await onlyValue("drift_repaired_objects_total")).toBe(42);
    expect(await valuesOf("verifications_total")).toEqual({ "result=equal": 1, "result=different": 1 });
    expect(await valuesOf("verification_duration_seconds")).toEqual({
      _sum: expect.closeTo(0.05, 9),
      _count: 2,
    });
    expect(await onlyValue("cut_connections_total")).toBe(5);
    expect(log.lines().map(({ level, msg }) => [level, msg])).toEqual([
      ["warn", expect.stringContaining("another program (nft) deleted the table")],
      ["warn", expect.stringContaining("2 chains and sets put right")],
    ]);
  });

  it("log that packets pass by the rules on a bridge", () => {
    telemetry.bridge({ code: "br-netfilter-off", bridges: [], families: [4], message: "bridge cni0: pass" });
    expect(log.lines()).toMatchObject([
      { level: "error", code: "br-netfilter-off", msg: "bridge cni0: pass" },
    ]);
  });
});

describe("the state of the agent", () => {
  it("is read when the metrics are", async () => {
    const expected: Readonly<Record<string, number>> = {
      ready: 1,
      seen_generation: 12,
      programmed_generation: 11,
      sync_lag_seconds: 0.25,
      cluster_pods: 7,
      local_pods: 3,
      isolated_pods: 2,
      closed_pods: 0,
      cluster_namespaces: 4,
      cluster_nodes: 5,
      kernel_differences: 0,
      source_synced: 1,
      last_sync_timestamp_seconds: Date.UTC(2030, 0, 1, 0, 0, 59) / 1000,
      last_verification_timestamp_seconds: Date.UTC(2030, 0, 1, 0, 0, 30) / 1000,
    };
    for (const [name, value] of Object.entries(expected))
      expect([name, await onlyValue(name)]).toEqual([name, value]);
    view.current = {
      ...STATUS,
      ready: false,
      enforcement: { seenGeneration: 13, programmedGeneration: 13, lagMillis: 0, closedPods: ["a/b", "a/c"] },
      verification: { differences: 5, repairs: 0 },
    };
    expect(await onlyValue("ready")).toBe(0);
    expect(await onlyValue("closed_pods")).toBe(2);
    expect(await onlyValue("kernel_differences")).toBe(5);
    expect(await onlyValue("last_sync_timestamp_seconds")).toBe(0);
  });

  it("has one phase, and troubles by their codes", async () => {
    const trouble = { code: "source", blocksReady: false, message: "m" } as const;
    view.current = {
      ...STATUS,
      phase: "restored",
      troubles: [trouble, trouble, { ...trouble, code: "bridge" }],
    };
    expect(await nonZero("phase")).toEqual({ "phase=restored": 1 });
    expect(await nonZero("troubles")).toEqual({ "code=source": 2, "code=bridge": 1 });
    view.current = STATUS;
    expect(await nonZero("troubles")).toEqual({});
    expect(Object.keys(await valuesOf("troubles"))).toHaveLength(9);
  });

  it("tells of each resource how it is followed, and forgets one that is followed no more", async () => {
    expect(await valuesOf("source_last_heard_age_seconds")).toEqual({ "resource=pods": 2.5 });
    expect(await nonZero("source_state")).toEqual({
      "resource=pods state=watching": 1,
      "resource=clusternetworkpolicies state=absent": 1,
    });
    expect(await nonZero("source_objects")).toEqual({ "resource=pods": 7 });
    // Twice: what was counted elsewhere must not be added up here.
    for (let n = 0; n < 2; n++) {
      expect(await nonZero("source_lists_total")).toEqual({ "resource=pods": 1 });
      expect(await nonZero("source_watches_total")).toEqual({ "resource=pods": 2 });
    }
    view.current = {
      ...STATUS,
      source: { ...STATUS.source, resources: STATUS.source.resources.slice(0, 1) },
    };
    expect(Object.keys(await valuesOf("source_lists_total"))).toEqual(["resource=pods"]);
  });

  it("counts each policy once, by kind and state", async () => {
    const version = { uid: "u", generation: 1, resourceVersion: "1" };
    view.known = [
      policyStatus("NetworkPolicy shop/a"),
      policyStatus("NetworkPolicy shop/b"),
      policyStatus("NetworkPolicy shop/audited", { audited: true }),
      policyStatus("NetworkPolicy shop/broken", { audited: true }),
      policyStatus("NetworkPolicy shop/refused"),
      policyStatus("NetworkPolicy shop/new", { seen: version }),
      policyStatus("NetworkPolicy shop/changed", { seen: { ...version, generation: 2 }, enforced: version }),
      policyStatus("ClusterNetworkPolicy guard"),
    ];
    const gone = policyStatus("NetworkPolicy shop/gone");
    delete (gone as { seen?: unknown }).seen;
    view.known = [...view.known, gone];
    view.current = {
      ...STATUS,
      troubles: [
        {
          code: "policy-not-understood",
          blocksReady: false,
          message: "m",
          policy: "NetworkPolicy shop/broken",
        },
        {
          code: "policy-not-enforced",
          blocksReady: true,
          message: "m",
          policy: "NetworkPolicy shop/refused",
        },
        { code: "kernel", blocksReady: true, message: "m", policy: "NetworkPolicy shop/a" },
      ],
    };
    expect(await nonZero("policies")).toEqual({
      "kind=NetworkPolicy state=enforced": 2,
      "kind=NetworkPolicy state=audit": 1,
      "kind=NetworkPolicy state=broken": 1,
      "kind=NetworkPolicy state=not-enforced": 3,
      "kind=ClusterNetworkPolicy state=enforced": 1,
    });
    expect(Object.keys(await valuesOf("policies"))).toHaveLength(16);
  });
});

describe("packets of the flow log", () => {
  it("are counted exactly, by verdict, direction and namespace of the policies", async () => {
    const guarded = flowsOf(
      engineOf(clusterPolicyObject("guard", { ingress: [{ action: "Deny", from: [{ namespaces: {} }] }] })),
      syn(web, db, 3306),
    )[0]!;
    const [closed, audited, allowed] = flowsOf(
      engineOf(DB_POLICY),
      syn(web, "10.244.0.99", 80, { verdict: "closed-at-birth" }),
      syn(outside, db, 80, { verdict: "audited" }),
      syn(web, db, 80, { verdict: "allowed", direction: "egress" }),
    ) as [FlowEvent, FlowEvent, FlowEvent];
    telemetry.flow(deniedByDb);
    telemetry.flow({ ...deniedByDb, repeated: 99 });
    for (const event of [guarded, closed, audited, allowed]) telemetry.flow(event);
    telemetry.flow(SUPPRESSED);
    telemetry.flow({ ...SUPPRESSED, count: 9 });
    expect(await valuesOf("flow_packets_total")).toEqual({
      "verdict=denied direction=ingress policy_namespace=shop": 101,
      "verdict=denied direction=ingress policy_namespace=_cluster": 1,
      "verdict=closed-at-birth direction=ingress policy_namespace=_none": 1,
      "verdict=audited direction=ingress policy_namespace=shop": 1,
      "verdict=allowed direction=egress policy_namespace=_none": 1,
    });
    expect(await valuesOf("flow_suppressed_packets_total")).toEqual({ "cause=limits": 4720 });
  });

  it("of more namespaces than anybody can look at are counted together", async () => {
    for (let n = 0; n < 5000; n++) telemetry.flow(decidedBy([`NetworkPolicy team-${n}/a`]));
    telemetry.flow(decidedBy(["NetworkPolicy team-0/b", "NetworkPolicy team-0/a"]));
    const values = await valuesOf("flow_packets_total");
    expect(Object.keys(values)).toHaveLength(1001);
    expect(values["verdict=denied direction=ingress policy_namespace=_other"]).toBe(4000);
    expect(values["verdict=denied direction=ingress policy_namespace=team-0"]).toBe(2);
  });

  it("make room for other namespaces when the policies there have gone", async () => {
    for (let n = 0; n < 1000; n++) telemetry.flow(decidedBy([`NetworkPolicy team-${n}/a`]));
    view.known = [policyStatus("NetworkPolicy team-7/a")];
    // Not at once: the last packets may not have been read yet.
    expect(Object.keys(await valuesOf("flow_packets_total"))).toHaveLength(1000);
    now = 16 * 60_000;
    telemetry.flow(decidedBy(["NetworkPolicy team-8/a"]));
    expect(await valuesOf("flow_packets_total")).toEqual({
      "verdict=denied direction=ingress policy_namespace=team-7": 1,
      "verdict=denied direction=ingress policy_namespace=team-8": 2,
    });
  });

  it("are logged only where that is asked for, and never the allowed ones", () => {
    telemetry.flow(deniedByDb);
    expect(log.lines()).toEqual([]);
    const [allowed] = flowsOf(
      engineOf(DB_POLICY),
      syn(web, db, 80, { verdict: "allowed", direction: "egress" }),
    );
    const logging = create({ logFlows: true });
    for (const event of [deniedByDb, allowed!, SUPPRESSED]) logging.flow(event);
    expect(log.lines()).toMatchObject([
      {
        level: "info",
        flow: JSON.parse(JSON.stringify(flowJson(deniedByDb))),
        msg: expect.stringContaining("no rule of NetworkPolicy shop/db-policy allows it"),
      },
      { level: "info", flow: { kind: "suppressed", count: SUPPRESSED.count } },
    ]);
  });
});

describe("the event loop", () => {
  it("is measured by how long it was busy", async () => {
    telemetry = create({ processMetrics: true });
    await telemetry.exposition();
    const end = performance.now() + 500;
    while (performance.now() < end);
    expect(await onlyValue("event_loop_delay_max_seconds")).toBeGreaterThanOrEqual(0.4);
  });
});
