import { readFileSync } from "node:fs";

// linux/capability.h
const CAP_NET_ADMIN = 12;

/** Why this process may not change the rules of its network namespace, and what to do about it; undefined: it may. */
export function netAdminMissing(): string | undefined {
  return netAdminMissingIn(readFileSync("/proc/self/status", "latin1"));
}

/** As {@link netAdminMissing}, from the text of `/proc/self/status`. */
export function netAdminMissingIn(status: string): string | undefined {
  const has = (set: string): boolean => {
    const hex = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
    return hex !== undefined && ((BigInt(`0x${hex}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 1n;
  };
  if (has("CapEff")) return undefined;
  const user = /^Uid:\s*[0-9]+\s+([0-9]+)/m.exec(status)?.[1] ?? "unknown";
  const what = "rules can neither be read nor loaded: this process lacks the capability NET_ADMIN";
  if (user !== "0" && has("CapBnd")) {
    return `${what}. It may have it, but user ${user} does not get it by itself: run it as root (in Kubernetes runAsUser: 0, with capabilities drop: [ALL], add: [NET_ADMIN]), or with NET_ADMIN as ambient capability (systemd: AmbientCapabilities=CAP_NET_ADMIN)`;
  }
  return `${what} (user ${user}). Run it as root; in a container that drops capabilities, add NET_ADMIN (Kubernetes: securityContext.capabilities.add: [NET_ADMIN])`;
}
