import { describe, expect, it } from "vitest";
import { podObject, workloadObject } from "./objects.fixture.ts";
import { type PlannedPod, planPods } from "./workloads.ts";

const owners = (pods: readonly PlannedPod[]): string[] =>
  pods.map(({ name, owner }) => `${name}: ${owner.kind} ${owner.name}`);

describe("planPods of a dump of a live cluster", () => {
  const pods = ["a", "b"].map((suffix) =>
    podObject(`web-6d4cf56db6-${suffix}`, {
      labels: { app: "web", "pod-template-hash": "6d4cf56db6" },
      controller: { kind: "ReplicaSet", name: "web-6d4cf56db6" },
    }),
  );
  const deployment = workloadObject("Deployment", "web", { replicas: 2 });
  const expected = ["web-6d4cf56db6-a: Deployment web", "web-6d4cf56db6-b: Deployment web"];

  it("finds the owner at the top of the chain, and makes no pods of a workload that has some", () => {
    const replicaSet = workloadObject("ReplicaSet", "web-6d4cf56db6", {
      replicas: 2,
      controller: { kind: "Deployment", name: "web" },
    });
    const old = workloadObject("ReplicaSet", "web-5c5d8b", {
      replicas: 0,
      controller: { kind: "Deployment", name: "web" },
    });
    expect(owners(planPods(pods, [deployment, replicaSet, old]))).toEqual(expected);
  });

  it("tells the Deployment by the pod-template-hash where the ReplicaSet is not there", () => {
    expect(owners(planPods(pods, []))).toEqual(expected);
    expect(owners(planPods(pods, [deployment]))).toEqual(expected);
  });

  it("keeps a ReplicaSet that is nobody's", () => {
    const pod = podObject("solo-x", { controller: { kind: "ReplicaSet", name: "solo" } });
    const hashed = podObject("solo-y", {
      labels: { "pod-template-hash": "abc" },
      controller: { kind: "ReplicaSet", name: "solo" },
    });
    expect(owners(planPods([pod, hashed], []))).toEqual([
      "solo-x: ReplicaSet solo",
      "solo-y: ReplicaSet solo",
    ]);
  });

  it("tells the CronJob by the Job's name", () => {
    const pod = (name: string, job: string) => podObject(name, { controller: { kind: "Job", name: job } });
    expect(owners(planPods([pod("x", "report-28391040"), pod("y", "load-1")], []))).toEqual([
      "x: CronJob report",
      "y: Job load-1",
    ]);
  });

  it("does not mistake a workload of another namespace for the owner", () => {
    const other = workloadObject("Deployment", "web", { namespace: "ops" });
    expect(planPods(pods, [other]).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      "ops/web-0",
      "shop/web-6d4cf56db6-a",
      "shop/web-6d4cf56db6-b",
    ]);
  });

  it("ends where two objects name each other", () => {
    const a = workloadObject("ReplicaSet", "a", { controller: { kind: "ReplicaSet", name: "b" } });
    const b = workloadObject("ReplicaSet", "b", { controller: { kind: "ReplicaSet", name: "a" } });
    const pod = podObject("p", { controller: { kind: "ReplicaSet", name: "a" } });
    expect(planPods([pod], [a, b])).toHaveLength(1);
  });
});

describe("planPods of manifests", () => {
  it("makes as many pods as there are replicas", () => {
    const names = (replicas: number): string[] =>
      planPods([], [workloadObject("Deployment", "web", { replicas })]).map(({ name }) => name);
    expect(names(0)).toEqual([]);
    expect(names(3)).toEqual(["web-0", "web-1", "web-2"]);
    expect(names(12).slice(9)).toEqual(["web-9", "web-10", "web-11"]);
  });

  it("steers clear of names that are taken", () => {
    expect(
      owners(planPods([podObject("web-0")], [workloadObject("Deployment", "web", { replicas: 2 })])),
    ).toEqual(["web-0: Pod web-0", "web-1: Deployment web", "web-2: Deployment web"]);
  });

  it("gives the labels that the controllers give", () => {
    const template = { labels: { app: "db" }, ports: [], hostNetwork: false };
    const labels = (kind: "StatefulSet" | "Job" | "Deployment") =>
      planPods([], [workloadObject(kind, "db", { template })])[0]!.labels;
    expect(labels("StatefulSet")).toEqual({
      app: "db",
      "statefulset.kubernetes.io/pod-name": "db-0",
      "apps.kubernetes.io/pod-index": "0",
    });
    expect(labels("Job")).toEqual({ app: "db", "batch.kubernetes.io/job-name": "db", "job-name": "db" });
    expect(labels("Deployment")).toEqual({ app: "db" });
  });
});

describe("planPods of workloads whose controllers are elsewhere", () => {
  it("makes the pods of a workload whose controller is not in the input", () => {
    const replicaSet = workloadObject("ReplicaSet", "web-5c5d8b", {
      replicas: 2,
      controller: { kind: "Rollout", name: "web" },
    });
    // The pods are known by the controller that people name, even where it is not in the input.
    expect(owners(planPods([], [replicaSet]))).toEqual([
      "web-5c5d8b-0: Rollout web",
      "web-5c5d8b-1: Rollout web",
    ]);
  });

  it("does not take a Job of the input for one of a CronJob because of its name", () => {
    const job = workloadObject("Job", "load-20240101", { replicas: 1 });
    const pod = podObject("load-20240101-x", { controller: { kind: "Job", name: "load-20240101" } });
    expect(owners(planPods([pod], [job]))).toEqual(["load-20240101-x: Job load-20240101"]);
  });

  it("makes no pods of a Job that is done", () => {
    const job = { ...workloadObject("Job", "load", { replicas: 1 }), finished: true };
    expect(planPods([], [job])).toEqual([]);
  });

  it("leaves a StatefulSet its numbers, where a Deployment has the same name", () => {
    const workloads = [
      workloadObject("Deployment", "w", { replicas: 1 }),
      workloadObject("StatefulSet", "w", { replicas: 1 }),
    ];
    for (const order of [workloads, [...workloads].reverse()]) {
      expect(owners(planPods([], order))).toEqual(["w-0: StatefulSet w", "w-1: Deployment w"]);
    }
  });
});
