import type { ClusterPod } from "../../cluster/cluster.ts";
import { resolveNamedPort } from "../../engine/ports.ts";
import { FAMILIES } from "../../net/address.ts";
import { ALL_PORTS, NO_PORTS, type PortSet, portRange, unionPorts } from "../../net/port-set.ts";
import type { Assertion, PortSpec } from "./assertion.ts";
import type { EndSet } from "./end-set.ts";
import type { WantedPorts } from "./family-ends.ts";
import type { CaseProblem } from "./resolve-ends.ts";

/** How many pods a message names. */
const MOST_NAMED = 3;

/** The ports that a case asks about at each of its destinations, or why that cannot be told. */
export function wantedPorts(assertion: Assertion, to: EndSet): WantedPorts | CaseProblem {
  const { ports, expect } = assertion;
  const hasAddresses = FAMILIES.some((family) => to.ranges[family].length > 0);
  if (ports === undefined) {
    return expect === "deny"
      ? { ofPod: () => ALL_PORTS, ofAddresses: ALL_PORTS }
      : declaredPorts(assertion, to, hasAddresses);
  }
  const named = ports.find((port) => port.kind === "name");
  if (named !== undefined && hasAddresses) {
    return {
      path: assertion.path,
      message: `The port ${named.name} is a name, which only pods can declare, and to names addresses too.`,
      help: "Give its number.",
    };
  }
  const fixed = ports.reduce(
    (sum, port) => (port.kind === "ports" ? unionPorts(sum, port.ports) : sum),
    NO_PORTS,
  );
  const names = ports.filter((port) => port.kind === "name");
  const problem = missingNames(assertion, names, to);
  if (problem !== undefined) return problem;
  return {
    ofPod: (pod) => names.reduce((sum, name) => unionPorts(sum, resolveNamedPort(name, pod.ports)), fixed),
    ofAddresses: fixed,
  };
}

function declaredPorts(assertion: Assertion, to: EndSet, hasAddresses: boolean): WantedPorts | CaseProblem {
  const silent = [...to.pods.keys()].filter((pod) => pod.ports.length === 0);
  if (hasAddresses || silent.length > 0) {
    const who = silent.length > 0 ? `${podNames(silent)} declare no ports` : "addresses declare no ports";
    return {
      path: assertion.path,
      message: `The case names no port, and ${who}, so it does not say what is to be allowed.`,
      help: "Name the ports, such as port: 443; port: all means every protocol and port.",
    };
  }
  return { ofPod: declared, ofAddresses: NO_PORTS };
}

/** All ports that a pod declares. */
export function declared(pod: ClusterPod): PortSet {
  return pod.ports.reduce((sum, { protocol, port }) => unionPorts(sum, portRange(protocol, port)), NO_PORTS);
}

/** A name must be known to every pod that is to be reached by it, and to some pod where none is to be reached. */
function missingNames(
  { expect, path }: Assertion,
  names: readonly Extract<PortSpec, { kind: "name" }>[],
  to: EndSet,
): CaseProblem | undefined {
  for (const name of names) {
    const pods = [...to.pods.keys()];
    const lacking = pods.filter((pod) => resolveNamedPort(name, pod.ports) === NO_PORTS);
    if (lacking.length === 0 || (expect === "deny" && lacking.length < pods.length)) continue;
    const known = new Set(
      pods.flatMap((pod) =>
        pod.ports.flatMap(({ protocol, name }) => (name === undefined ? [] : [`${name}/${protocol}`])),
      ),
    );
    return {
      path,
      message: `There is no ${name.text} at ${podNames(lacking)}.`,
      help:
        known.size === 0
          ? "Give its number."
          : `Give its number, or one of these names: ${[...known].slice(0, 8).join(", ")}.`,
    };
  }
  return undefined;
}

function podNames(pods: readonly ClusterPod[]): string {
  const names = pods.slice(0, MOST_NAMED).map((pod) => pod.id);
  return pods.length > names.length
    ? `${names.join(", ")} and ${pods.length - names.length} more`
    : names.join(", ");
}
