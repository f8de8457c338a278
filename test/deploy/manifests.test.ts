import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeApiServer } from "../apiserver/binaries.ts";
import { namespace } from "../apiserver/cluster-objects.ts";
import { type ApiObject, listPath } from "../apiserver/objects.ts";
import type { Requests } from "../apiserver/requests.ts";
import { type ApiServer, startApiServer } from "../apiserver/start.ts";
import { podwall } from "../cli/run-podwall.ts";
import { CLEANUP, clusterRoleRules, manifestObjects, objectOf, objectsOf } from "./manifests.ts";

const AGENT = "system:serviceaccount:podwall-system:podwall";

interface Container {
  readonly image: string;
  readonly args: readonly string[];
}

interface DaemonSetSpec {
  readonly template: { readonly metadata: object; readonly spec: { readonly containers: Container[] } };
}

const isRole = ({ kind }: ApiObject): boolean => /Role(Binding)?$/.test(kind);

/** What the server would answer if the object were to be created; it checks all that it checks otherwise. */
function tried(requests: Requests, object: ApiObject): ReturnType<Requests["send"]> {
  return requests.send("POST", `${listPath(object)}?dryRun=All&fieldValidation=Strict`, object);
}

/** A pod as the controller of DaemonSets would make it. */
function podOf(daemonSet: ApiObject, inNamespace: string): ApiObject {
  const { metadata, spec } = (daemonSet.spec as DaemonSetSpec).template;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "podwall-x", namespace: inNamespace },
    spec,
  };
}

describeApiServer("the plain manifests", () => {
  const objects = manifestObjects();
  const daemonSet = objectOf(objects, "DaemonSet", "podwall");
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer();
    const [first, ...others] = objects;
    // What is in a namespace can be tried only once that is there.
    expect(first!.kind).toBe("Namespace");
    await server.requests.must("POST", `${listPath(first!)}?fieldValidation=Strict`, first);
    for (const role of others.filter(isRole)) {
      await server.requests.must("POST", `${listPath(role)}?fieldValidation=Strict`, role);
    }
  });
  afterAll(() => server?.stop());

  it("are accepted, field by field", async () => {
    const kinds = [];
    for (const object of objects.slice(1)) {
      if (isRole(object)) continue;
      const { status, body } = await tried(server.requests, object);
      expect({ status, body }).toMatchObject({ status: 201, body: { kind: object.kind } });
      kinds.push(object.kind);
    }
    expect(kinds).toEqual(["ServiceAccount", "DaemonSet"]);
  });

  it("are accepted with those that remove the rules", async () => {
    const [cleanup, ...others] = objectsOf(readFileSync(CLEANUP, "utf8"));
    expect(others).toEqual([]);
    const { status, body } = await tried(server.requests, cleanup!);
    expect({ status, body }).toMatchObject({ status: 201 });
    expect(await tried(server.requests, podOf(cleanup!, "podwall-system"))).toMatchObject({ status: 201 });
    // Not one of the agents, whom people ask.
    expect((cleanup!.spec as DaemonSetSpec).template.metadata).not.toMatchObject({
      labels: { "app.kubernetes.io/component": "agent" },
    });
  });

  it("would not be accepted with a field that does not exist, or a value that may not be", async () => {
    const wrong = (template: object): ApiObject => ({
      ...daemonSet,
      spec: { ...daemonSet.spec, template: { ...(daemonSet.spec as DaemonSetSpec).template, ...template } },
    });
    const { spec } = (daemonSet.spec as DaemonSetSpec).template;
    expect(await tried(server.requests, wrong({ spec: { ...spec, hostNetwrk: true } }))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('unknown field "spec.template.spec.hostNetwrk"') },
    });
    expect(await tried(server.requests, wrong({ spec: { ...spec, dnsPolicy: "Node" } }))).toMatchObject({
      status: 422,
    });
  });

  it("give pods that the namespace admits, with the priority of what a node cannot do without", async () => {
    const { status, body } = await tried(server.requests, podOf(daemonSet, "podwall-system"));
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { spec: { priority: 2_000_001_000, hostNetwork: true } },
    });
  });

  it("give pods that ask for more than the level baseline in four points only", async () => {
    const enforce = { "pod-security.kubernetes.io/enforce": "baseline" };
    await server.requests.must("POST", "/api/v1/namespaces", namespace("baseline", enforce));
    const { status, body } = await tried(server.requests, podOf(daemonSet, "baseline"));
    expect(status).toBe(403);
    const { message } = body as { message: string };
    // Nothing else of what the level forbids is asked for, such as a privileged container.
    const reasons = message.replace(/^.*?violates PodSecurity "baseline:latest": /, "");
    expect(reasons.split(/, (?![^(]*\))/)).toEqual([
      'non-default capabilities (container "agent" must not include "NET_ADMIN" in securityContext.capabilities.add)',
      "host namespaces (hostNetwork=true)",
      'hostPath volumes (volume "state")',
      'hostPort (container "agent" uses hostPort 9643)',
    ]);
  });

  it("let agents read what they need, and nothing else", async () => {
    const may = async (verb: string, resource: string, group = ""): Promise<boolean> => {
      const spec = { user: AGENT, resourceAttributes: { verb, resource, group } };
      const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
      const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
      const answer = await server.requests.must("POST", path, review);
      return (answer as { status: { allowed: boolean } }).status.allowed;
    };
    for (const { apiGroups, resources, verbs } of clusterRoleRules("podwall")) {
      for (const resource of resources) {
        for (const verb of verbs) expect(await may(verb, resource, apiGroups[0])).toBe(true);
      }
    }
    expect(await may("list", "secrets")).toBe(false);
    expect(await may("get", "pods")).toBe(false);
    expect(await may("patch", "nodes")).toBe(false);
    expect(await may("delete", "networkpolicies", "networking.k8s.io")).toBe(false);
  });

  it("start the agent with options that it has", async () => {
    const [agent] = (daemonSet.spec as DaemonSetSpec).template.spec.containers;
    const [command, ...options] = agent!.args;
    expect(command).toBe("agent");
    const { stdout } = await podwall(["agent", "--help"]);
    for (const option of options) expect(stdout).toMatch(new RegExp(`^ +${option.split("=")[0]}[ ,]`, "m"));
  });

  it("name the version of the package", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    const [agent] = (daemonSet.spec as DaemonSetSpec).template.spec.containers;
    expect(agent!.image).toBe(`podwall:${version}`);
    expect(readFileSync(CLEANUP, "utf8").match(/image: .*/g)).toEqual(
      Array(2).fill(`image: podwall:${version}`),
    );
    expect(daemonSet.metadata.labels).toMatchObject({ "app.kubernetes.io/version": version });
  });
});
