import type { PortMatch, Rule } from "../../../../policy/policy.ts";
import { portMatchesWithin } from "../containment/ports-within.ts";

/** The ports of a rule that can go together, each with those that stay and include it. Of equal ones the first stays. */
export function portsWithinOthers({
  ports,
  failsClosed,
}: Rule): { readonly port: PortMatch; readonly within: readonly PortMatch[] }[] {
  if (ports === "all" || ports.length < 2 || failsClosed !== undefined) return [];
  const staying = new Set(ports);
  const found: PortMatch[] = [];
  for (const port of [...ports].reverse()) {
    staying.delete(port);
    if (portMatchesWithin([port], [...staying])) found.push(port);
    else staying.add(port);
  }
  const kept = [...staying];
  return found.reverse().map((port) => {
    const alone = kept.find((other) => portMatchesWithin([port], [other]));
    return { port, within: alone === undefined ? kept : [alone] };
  });
}
