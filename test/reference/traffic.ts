import type { Family } from "./ip.ts";
import type { Protocol } from "./raw.ts";

/** What is sent. `other` is every protocol but the three, ICMP for one, and has no port. */
export interface Traffic {
  family: Family;
  protocol: Protocol | "other";
  /** The destination port, 0-65535. */
  port?: number;
}

/** @throws Error when the port is missing, out of range, or given for `other`. */
export function checkTraffic(traffic: Traffic): void {
  const { protocol, port } = traffic;
  if (protocol === "other") {
    if (port !== undefined) {
      throw new Error(`traffic of an other protocol has no port, but port ${port} was given`);
    }
  } else if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`${protocol} traffic needs a destination port from 0 to 65535, not ${port}`);
  }
}
