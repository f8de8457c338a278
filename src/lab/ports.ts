import type { Namespace } from "../linux/netns.ts";

const FIRST = 32768;
const LAST = 60999;
const next = new WeakMap<Namespace, number>();

/**
 * The next source port in a namespace, going round through 32768-60999. Left to the kernel, ports repeat by
 * chance, and a probe that repeats the ports of an earlier one is taken for that earlier connection by conntrack:
 * it would pass whatever the rules say now.
 */
export function nextSourcePort(namespace: Namespace): number {
  const port = next.get(namespace) ?? FIRST;
  next.set(namespace, port === LAST ? FIRST : port + 1);
  return port;
}
