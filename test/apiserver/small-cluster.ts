import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { podwall, type RunResult } from "../cli/run-podwall.ts";
import { grant, mayList, pod } from "./cluster-objects.ts";
import { type TestContext, writeKubeconfig } from "./kubeconfig.ts";
import { createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

/** A server with one pod, `web`, and one user, `reader`, who may read it all; and ways to run podwall on it. */
export interface SmallCluster {
  /** To be used in tests only: it is started before the first. */
  readonly server: ApiServer;
  /** Writes a kubeconfig with one context, `prod`, whose user is `prod-user`. */
  config(fields: Partial<TestContext>): string;
  /** `podwall map` with a kubeconfig, with one of such a user, with one of such a cluster. */
  map(kubeconfig: string, env?: Readonly<Record<string, string>>): Promise<RunResult>;
  mapAs(user: object): Promise<RunResult>;
  mapOf(cluster: Readonly<Record<string, unknown>>): Promise<RunResult>;
  /** Writes a shell script into the server's folder; returns its path. */
  script(name: string, text: string): string;
}

/** Starts the server before the tests of the suite that this is called in, and stops it after them. */
export function smallCluster(): SmallCluster {
  let server: ApiServer | undefined;
  let count = 0;

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "reader" }] });
    const all = [mayList("", "pods", "nodes", "namespaces"), mayList("networking.k8s.io", "networkpolicies")];
    await createObjects(server.requests, [
      pod("default", "web", { address: "10.1.0.1" }),
      ...grant("reader", all),
    ]);
  });
  afterAll(() => server?.stop());

  const cluster: SmallCluster = {
    get server() {
      return server!;
    },
    config: (fields) =>
      writeKubeconfig(server!, `config-${count++}`, [{ name: "prod", user: {}, ...fields }]),
    map: (kubeconfig, env = {}) => podwall(["map", "--kubeconfig", kubeconfig], { env }),
    mapAs: (user) => cluster.map(cluster.config({ user })),
    mapOf: (fields) =>
      cluster.map(cluster.config({ user: { token: server!.tokens.reader }, cluster: fields })),
    script(name, text) {
      const file = join(server!.folder, name);
      writeFileSync(file, `#!/bin/sh\n${text}\n`);
      chmodSync(file, 0o755);
      return file;
    },
  };
  return cluster;
}

/** The map was printed, and nothing was complained of. */
export function expectMap({ code, stdout, stderr }: RunResult): void {
  expect(stderr).toBe("");
  expect(stdout).toContain("web");
  expect(code).toBe(0);
}

/** There was no answer, and these words say why. */
export function expectRefusal({ code, stdout, stderr }: RunResult, ...words: readonly string[]): void {
  for (const each of words) expect(stderr).toContain(each);
  expect(stderr).not.toContain("podwall itself");
  expect(stdout).toBe("");
  expect(code).toBe(2);
}
