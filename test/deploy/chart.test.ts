import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeApiServer } from "../apiserver/binaries.ts";
import { namespace } from "../apiserver/cluster-objects.ts";
import { type ApiObject, listPath } from "../apiserver/objects.ts";
import { type ApiServer, startApiServer } from "../apiserver/start.ts";
import { describeHelm, helm, template } from "./helm.ts";
import { MANIFESTS, manifestObjects, objectOf, objectsOf } from "./manifests.ts";

interface PodSpec {
  readonly containers: readonly {
    readonly image: string;
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
  }[];
  readonly volumes: readonly object[];
}

/** Everything that can be set, otherwise than it is by default. */
const OTHER_VALUES = [
  "image.repository=registry.example/podwall",
  `image.digest=sha256:${"0123456789abcdef".repeat(4)}`,
  "imagePullSecrets[0].name=registry",
  "agent.deny=reject",
  "agent.audit=true",
  "agent.flows=all",
  "agent.logFlows=true",
  "agent.closedAtBirth=false",
  "agent.beforeSync=open",
  "agent.verifyEvery=60",
  "agent.logLevel=debug",
  "agent.extraArgs[0]=--kubeconfig=x",
  "env.NODE_OPTIONS=--max-semi-space-size=4",
  "port=9999",
  "statePath=/data/podwall",
  "apiServer.host=fd00::1",
  "prometheus.annotations=false",
  "podAnnotations.team=net",
  "podLabels.team=net",
  "seLinuxOptions.type=spc_t",
  "updateStrategy.rollingUpdate.maxUnavailable=1",
];

function podSpec(objects: readonly ApiObject[]): PodSpec {
  const { spec } = objectOf(objects, "DaemonSet", "podwall");
  return (spec as { template: { spec: PodSpec } }).template.spec;
}

function namesOf(objects: readonly ApiObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
}

describeHelm("the chart", () => {
  it("passes helm lint, warnings counted", () => {
    const { status, stdout, stderr } = helm(["lint", "--strict"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  it("gives the plain manifests by default, comments included", () => {
    const script = fileURLToPath(new URL("../../scripts/manifests.mjs", import.meta.url));
    const { stdout } = spawnSync(process.execPath, [script, "--print"], { encoding: "utf8" });
    expect(readFileSync(MANIFESTS, "utf8")).toBe(stdout);
    expect(namesOf(objectsOf(template()))).toEqual(
      namesOf(manifestObjects()).filter((name) => name !== "Namespace podwall-system"),
    );
  });

  it("puts values where they belong", () => {
    const objects = objectsOf(template(OTHER_VALUES));
    const { containers, volumes, ...pod } = podSpec(objects);
    const [agent] = containers;
    expect(agent!.image).toBe(`registry.example/podwall@sha256:${"0123456789abcdef".repeat(4)}`);
    expect(agent!.args).toEqual([
      "agent",
      "--listen=:9999",
      "--state=/var/lib/podwall",
      "--deny=reject",
      "--flows=all",
      "--before-sync=open",
      "--verify-every=60",
      "--log-level=debug",
      "--log-flows",
      "--audit",
      "--no-closed-at-birth",
      "--kubeconfig=x",
    ]);
    expect(agent!.env.slice(1)).toEqual([
      { name: "KUBERNETES_SERVICE_HOST", value: "fd00::1" },
      { name: "KUBERNETES_SERVICE_PORT", value: "6443" },
      { name: "MALLOC_ARENA_MAX", value: "1" },
      { name: "NODE_OPTIONS", value: "--max-semi-space-size=4" },
    ]);
    expect(volumes).toEqual([
      { name: "state", hostPath: { path: "/data/podwall", type: "DirectoryOrCreate" } },
    ]);
    expect(pod).toMatchObject({
      imagePullSecrets: [{ name: "registry" }],
      securityContext: { seLinuxOptions: { type: "spc_t" } },
    });
    expect(objectOf(objects, "DaemonSet", "podwall").spec).toMatchObject({
      updateStrategy: { rollingUpdate: { maxUnavailable: 1 } },
      template: { metadata: { annotations: { team: "net" }, labels: { team: "net" } } },
    });
  });

  it("leaves out the rights of people, and brings a PodMonitor, where that is wanted", () => {
    expect(namesOf(objectsOf(template(["viewer.create=false"])))).not.toContainEqual(
      expect.stringContaining("viewer"),
    );
    const labels = ["prometheus.podMonitor.enabled=true", "prometheus.podMonitor.labels.release=prom"];
    expect(objectOf(objectsOf(template(labels)), "PodMonitor", "podwall")).toMatchObject({
      metadata: { labels: { release: "prom" } },
      spec: { podMetricsEndpoints: [{ port: "http", path: "/metrics", interval: "30s" }] },
    });
  });

  it.each([
    ["agent.flow=all", "additional properties 'flow' not allowed"],
    ["agent.deny=refuse", "at '/agent/deny'"],
    ["port=70000", "at '/port'"],
    ["image.digest=latest", "at '/image/digest'"],
    ["statePath=podwall", "at '/statePath'"],
  ])("refuses %s", (value, words) => {
    const { status, stderr } = helm(["template", "podwall"], [value]);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  });

  it("has the version of the package", () => {
    const file = new URL("../../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    const { stdout } = helm(["show", "chart"]);
    expect(stdout).toContain(`\nversion: ${version}\n`);
    expect(stdout).toContain(`appVersion: ${version}\n`);
  });
});

describeHelm("the chart with other values", () => {
  describeApiServer("on an API server", () => {
    let server: ApiServer;

    beforeAll(async () => {
      server = await startApiServer();
      await server.requests.must("POST", "/api/v1/namespaces", namespace("walls"));
    });
    afterAll(() => server?.stop());

    it("is accepted, field by field, in another namespace", async () => {
      for (const object of objectsOf(template(OTHER_VALUES, "walls"))) {
        const path = `${listPath(object)}?dryRun=All&fieldValidation=Strict`;
        const { status, body } = await server.requests.send("POST", path, object);
        expect({ status, body }).toMatchObject({ status: 201 });
      }
    });
  });
});
