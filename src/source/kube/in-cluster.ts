import { readFile } from "node:fs/promises";
import type { KubeContext } from "./context.ts";
import { unreadableFile } from "./kubeconfig-file.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a pod reaches it with its service account. Undefined outside of a cluster. */
export async function inClusterContext(
  env: NodeJS.ProcessEnv,
  folder: string = FOLDER,
): Promise<KubeContext | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) return undefined;
  const authorityFile = `${folder}/ca.crt`;
  let authority: string;
  try {
    authority = await readFile(authorityFile, "utf8");
  } catch (error) {
    throw unreadableFile(authorityFile, "certificate authority of the cluster", error);
  }
  return {
    name: "in-cluster",
    file: undefined,
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { authority, authorityFile, insecure: false },
    // The kubelet renews the token in this file long before it expires.
    user: { name: "service account", tokenFile: `${folder}/token` },
  };
}
