import type { Units } from "./source-text.ts";

/**
 * Fields whose lists and objects no reader looks into, wherever they are: most of what a cluster prints. Their contents
 * need not be parsed. A reader that comes to look into one must take it out of here. Annotations are read, but only
 * those of policies, which are parsed with all that is in them (`holds-policy.ts`).
 */
export const UNREAD_FIELDS: readonly string[] = [
  "affinity",
  "allocatable",
  "annotations",
  "args",
  "binaryData",
  "capacity",
  "command",
  "containerStatuses",
  "data",
  "env",
  "envFrom",
  "ephemeralContainerStatuses",
  "images",
  "initContainerStatuses",
  "lifecycle",
  "livenessProbe",
  "managedFields",
  "nodeInfo",
  "readinessProbe",
  "resources",
  "securityContext",
  "startupProbe",
  "stringData",
  "tolerations",
  "topologySpreadConstraints",
  "volumeClaimTemplates",
  "volumeMounts",
  "volumes",
];

const BY_HASH: ReadonlyMap<number, readonly number[]> = new Map(
  UNREAD_FIELDS.map((name) => {
    const units = Array.from(name, (c) => c.charCodeAt(0));
    return [units.reduce((hash, unit) => (Math.imul(hash, 31) + unit) | 0, 0), units];
  }),
);

/** True if the key is the name of such a field. `hash` is that of its units: 31 times the one before, and the unit. */
export function isUnreadField(units: Units, start: number, end: number, hash: number): boolean {
  const name = BY_HASH.get(hash);
  if (name === undefined || name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (units[start + i] !== name[i]) return false;
  return true;
}
