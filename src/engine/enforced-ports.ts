import { withoutAudited } from "../cluster/without-audited.ts";
import type { Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { intersectPorts, type PortSet, unionPorts } from "../net/port-set.ts";
import type { End } from "./end.ts";
import { createEngine, type Engine } from "./engine.ts";

/** What passes from one end to another where the rules are enforced: never less than `Engine.ports`. */
export type EnforcedPorts = (from: End, to: End, family: Family) => PortSet;

/**
 * What passes an enforcer, which lets through what policies in audit mode deny: in each direction what all policies
 * allow, and what they allow without those in audit mode. Of the engine as it is now: later changes are not followed.
 */
export function enforcedPorts(engine: Engine): EnforcedPorts {
  const cluster = withoutAudited(engine.cluster);
  if (cluster === engine.cluster) return engine.ports;
  const lenient = createEngine(cluster);
  const sidePorts = (direction: Direction, from: End, to: End, family: Family): PortSet =>
    unionPorts(engine.sidePorts(direction, from, to, family), lenient.sidePorts(direction, from, to, family));
  return (from, to, family) =>
    intersectPorts(sidePorts("egress", from, to, family), sidePorts("ingress", from, to, family));
}
