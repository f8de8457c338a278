import type { Requests } from "./requests.ts";

/** An object as it goes over the wire. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly spec?: object;
  readonly status?: object;
  readonly [field: string]: unknown;
}

const PLURALS: Readonly<Record<string, string>> = {
  NetworkPolicy: "networkpolicies",
  ClusterNetworkPolicy: "clusternetworkpolicies",
  AdminNetworkPolicy: "adminnetworkpolicies",
  BaselineAdminNetworkPolicy: "baselineadminnetworkpolicies",
};

/** The path of the list that an object belongs to. */
export function listPath({ apiVersion, kind, metadata }: ApiObject): string {
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  return metadata.namespace === undefined
    ? `${base}/${plural}`
    : `${base}/namespaces/${metadata.namespace}/${plural}`;
}

/** Creates objects, one after the other for each of `width` lanes, with their status. */
export async function createObjects(
  requests: Requests,
  objects: readonly ApiObject[],
  width = 16,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < objects.length) {
      const object = objects[next++]!;
      const path = listPath(object);
      await requests.must("POST", path, object);
      // The server ignores the status of a new object.
      if (object.status !== undefined) {
        await requests.must("PATCH", `${path}/${object.metadata.name}/status`, { status: object.status });
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
