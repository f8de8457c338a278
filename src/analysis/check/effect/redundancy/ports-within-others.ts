import { intersectPorts, NO_PORTS } from "../../../../net/port-set.ts";
import type { PortMatch, Rule } from "../../../../policy/policy.ts";
import { portMatchesWithin } from "../containment/ports-within.ts";

/** A port of a rule, and those that stay and include it: one, or several together. */
export interface PortWithinOthers {
  readonly port: PortMatch;
  readonly within: readonly PortMatch[];
}

/** The ports of a rule that can go together. Of equal ones the first stays. */
export function portsWithinOthers({ ports, failsClosed }: Rule): PortWithinOthers[] {
  if (ports === "all" || ports.length < 2 || failsClosed !== undefined) return [];
  const staying = new Set(ports);
  for (const port of [...ports].reverse()) {
    staying.delete(port);
    if (!portMatchesWithin([port], [...staying])) staying.add(port);
  }
  const kept: PortMatch[] = [];
  const gone: PortMatch[] = [];
  for (const port of ports) (staying.has(port) ? kept : gone).push(port);
  return gone.map((port) => {
    const alone = kept.find((other) => portMatchesWithin([port], [other]));
    return { port, within: alone === undefined ? kept.filter((other) => mayMeet(port, other)) : [alone] };
  });
}

function mayMeet(a: PortMatch, b: PortMatch): boolean {
  if (b.kind === "name") return false;
  return a.kind === "name" || intersectPorts(a.ports, b.ports) !== NO_PORTS;
}
