import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiServer } from "./start.ts";

/** One context of a kubeconfig to be written. What is absent is as it should be for the server. */
export interface TestContext {
  readonly name: string;
  /** The fields of the user: `{ token }`, `{ exec: ... }`. */
  readonly user: object;
  /** Fields of the cluster that replace or, as undefined, remove what would be there. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
}

/** Writes a kubeconfig whose current context is the first, in the server's folder; returns its path. */
export function writeKubeconfig(
  server: ApiServer,
  fileName: string,
  contexts: readonly TestContext[],
  current: string | undefined = contexts[0]?.name,
): string {
  const file = join(server.folder, fileName);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    ...(current === undefined ? {} : { "current-context": current }),
    clusters: contexts.map(({ name, cluster }) => ({
      name: `${name}-cluster`,
      cluster: { server: server.url, "certificate-authority": server.authorityFile, ...cluster },
    })),
    users: contexts.map(({ name, user }) => ({ name: `${name}-user`, user })),
    contexts: contexts.map(({ name, namespace }) => ({
      name,
      context: { cluster: `${name}-cluster`, user: `${name}-user`, namespace },
    })),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
