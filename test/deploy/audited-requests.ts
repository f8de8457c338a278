import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiServer } from "../apiserver/start.ts";
import type { MadeRequest } from "./rbac-rights.ts";

/** Flags of kube-apiserver that {@link auditedRequests} needs. */
export const AUDIT_FLAGS: readonly string[] = [
  `--audit-policy-file=${fileURLToPath(new URL("./audit-policy.yaml", import.meta.url))}`,
  "--audit-log-path=-",
];

/** What the API server's audit log, in one file with its other words, tells of the requests of a user. */
export function auditedRequests({ folder }: ApiServer, user: string): MadeRequest[] {
  const lines = readFileSync(join(folder, "apiserver.log"), "utf8").split("\n");
  return lines.flatMap((line): MadeRequest[] => {
    if (!line.startsWith('{"kind":"Event","apiVersion":"audit.k8s.io/')) return [];
    const event = JSON.parse(line) as { verb: string; requestURI: string; user: { username: string } };
    return event.user.username === user ? [{ verb: event.verb, path: event.requestURI }] : [];
  });
}
