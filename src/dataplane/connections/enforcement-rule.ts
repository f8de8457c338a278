import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Direction } from "../../k8s/objects.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import { cidrContains } from "../../net/cidr.ts";
import { portSetHas, type Traffic } from "../../net/port-set.ts";
import type { EnforcementConfig } from "../config.ts";
import type { PolicyEngines } from "../policy-engines.ts";

/** A node, and what counts as its own there. */
export interface NodePlace {
  readonly engines: PolicyEngines;
  readonly node: string;
  readonly config: EnforcementConfig;
  /** Addresses of the node's pod range that are in use by somebody who is no pod. */
  readonly alsoKnown: readonly Address[];
  /** The addresses of the node's own interfaces, as text. */
  readonly ownAddresses: () => ReadonlySet<string>;
}

/** Why a node stops a packet. */
export type Stop =
  | { readonly kind: "policy"; readonly direction: Direction }
  /** An end in the node's pod range is no known pod. */
  | { readonly kind: "unknown-pod"; readonly direction: Direction };

/**
 * What the kernel of a node does with the first packet of a connection: undefined if it passes. The same as its program,
 * said of one packet: only pods of this node are judged, and policies in audit mode stop nothing.
 */
export function stopOf(
  place: NodePlace,
  source: Address,
  destination: Address,
  traffic: Traffic,
): Stop | undefined {
  const { engines, node, config } = place;
  const { engine, unaudited } = engines;
  const { family } = source;
  // Whatever the node itself sends to its pods passes, and no rule decides about the rest of it.
  const own = place.ownAddresses();
  const from = endAt(engine, source);
  const to = endAt(engine, destination);
  if (!own.has(formatAddress(source))) {
    const stop = stopOfSide("egress", from, source);
    if (stop !== undefined) return stop;
    if (!own.has(formatAddress(destination))) return stopOfSide("ingress", to, destination);
  }
  return undefined;

  function stopOfSide(direction: Direction, subject: End, address: Address): Stop | undefined {
    if (subject.kind === "address") {
      return isUnknownPod(place, address) ? { kind: "unknown-pod", direction } : undefined;
    }
    if (subject.pod.node !== node || config.audit) return undefined;
    const passes = (judge: Engine): boolean =>
      portSetHas(judge.sidePorts(direction, from, to, family), traffic);
    if (passes(engine) || (unaudited !== undefined && passes(unaudited))) return undefined;
    return { kind: "policy", direction };
  }
}

/** True for an address of the node's pod range that nobody is known to have. */
export function isUnknownPod({ engines, node, config, alsoKnown }: NodePlace, address: Address): boolean {
  if (!config.closedAtBirth) return false;
  const { addresses } = engines.engine;
  const ranges = addresses.node(node)?.podRanges ?? [];
  if (!ranges.some((range) => cidrContains(range, address))) return false;
  if (addresses.podAt(address) !== undefined) return false;
  const text = formatAddress(address);
  return !alsoKnown.some((known) => formatAddress(known) === text);
}

function endAt({ addresses }: Engine, address: Address): End {
  const pod = addresses.podAt(address);
  return pod === undefined ? { kind: "address", address } : { kind: "pod", pod };
}
