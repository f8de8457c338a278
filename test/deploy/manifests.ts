import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import type { Rule } from "../apiserver/cluster-objects.ts";
import type { ApiObject } from "../apiserver/objects.ts";

/** `deploy/manifests/podwall.yaml`. */
export const MANIFESTS: string = fileURLToPath(
  new URL("../../deploy/manifests/podwall.yaml", import.meta.url),
);

/** `deploy/manifests/cleanup.yaml`. */
export const CLEANUP: string = fileURLToPath(new URL("../../deploy/manifests/cleanup.yaml", import.meta.url));

/** The objects of a text in YAML, in their order; empty documents are left out. */
export function objectsOf(text: string): ApiObject[] {
  return loadAll(text).filter((each) => each !== null && each !== undefined) as ApiObject[];
}

/** What a cluster gets that podwall is installed on with `kubectl apply -f`. */
export function manifestObjects(): ApiObject[] {
  return objectsOf(readFileSync(MANIFESTS, "utf8"));
}

export function objectOf(objects: readonly ApiObject[], kind: string, name: string): ApiObject {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`the manifests have no ${kind} ${name}`);
  return found;
}

/** The rules of one of the ClusterRoles: `podwall` (agents), `podwall-viewer` (people). */
export function clusterRoleRules(name: string): readonly Rule[] {
  return objectOf(manifestObjects(), "ClusterRole", name).rules as readonly Rule[];
}
