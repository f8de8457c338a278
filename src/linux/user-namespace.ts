import { readFileSync } from "node:fs";

/**
 * True if this process has the machine's own user namespace, where root may raise the limits of its sockets. All ids
 * are then mapped to themselves (user_namespaces(7)).
 */
export function isInitialUserNamespace(): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "latin1"));
}
