import { type End, isAllowed, type RawCluster, type Traffic } from "./evaluate.ts";

/** `shop/web` is a pod, everything else an address. */
export function endOf(text: string): End {
  return text.includes("/") ? { pod: text } : { address: text };
}

/** Asks in short: `ask(cluster, "shop/web", "10.0.0.1", "UDP/53")`; `other` for the rest; IPv4 unless told. */
export function ask(
  cluster: RawCluster,
  from: string,
  to: string,
  what = "TCP/80",
  family: 4 | 6 = 4,
): boolean {
  const [protocol, port] = what.split("/");
  const traffic = { family, protocol, ...(port === undefined ? {} : { port: Number(port) }) } as Traffic;
  return isAllowed(cluster, endOf(from), endOf(to), traffic);
}
