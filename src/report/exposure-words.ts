// What the outputs of exposure have in common: who a line is about, in words.
import type { ExposedPods } from "../analysis/exposure.ts";
import type { PotentialAddresses } from "../analysis/potential-addresses.ts";
import type { PotentialName } from "../analysis/potential-pods.ts";
import type { PortName } from "../analysis/potential-rules.ts";
import type { LabelSelector } from "../k8s/objects.ts";
import { formatSelector, requirementsOf } from "../k8s/selector.ts";
import { maxAddressValue } from "../net/address.ts";
import { type AddressRange, formatRangeShort } from "../net/address-partition.ts";
import { cidrOfRange, formatCidr } from "../net/cidr.ts";
import { NO_PORTS } from "../net/port-set.ts";
import type { NamespaceSelection, PodSelection } from "../policy/policy.ts";
import { portsText } from "./map-names.ts";

const MOST_RANGES = 4;
const MOST_NAMES = 3;
const NAME_LABEL = "kubernetes.io/metadata.name";

/** `any pod of any namespace`, `pods role=monitoring of this namespace`. `home` is the namespace of the workload. */
export function potentialPodsText({ namespaces, pods }: PodSelection, home: string): string {
  const labels = formatSelector(pods);
  const who = labels === "" ? "any pod" : `pods ${labels}`;
  return `${who} of ${namespacesText(namespaces, home)}`;
}

function namespacesText(namespaces: NamespaceSelection, home: string): string {
  if (namespaces.kind === "name") return namespaceText(namespaces.name, home);
  const { selector } = namespaces;
  const requirements = requirementsOf(selector);
  const [first] = requirements;
  if (first === undefined) return "any namespace";
  const only = requirements.length === 1 && first.key === NAME_LABEL && first.operator === "In";
  if (only && first.values?.length === 1) return namespaceText(first.values[0]!, home);
  return `namespaces ${formatSelector(shortNames(selector))}`;
}

function namespaceText(name: string, home: string): string {
  return name === home ? "this namespace" : `namespace ${name}`;
}

/** The name label as people say it: `name=shop`. */
function shortNames(selector: LabelSelector): LabelSelector {
  return {
    matchExpressions: requirementsOf(selector).map((requirement) =>
      requirement.key === NAME_LABEL ? { ...requirement, key: "name" } : requirement,
    ),
  };
}

/** The ports of a line, with those that depend on the names that the pods give them. */
export function potentialPortsText({ ports, named }: Pick<ExposedPods, "ports" | "named">): string {
  const opened = named.filter(({ opens }) => opens !== NO_PORTS).map(openedByName);
  const closed = named
    .filter(({ closes }) => closes !== NO_PORTS)
    .map((name) => `but no ${portNameText(name)}`);
  return [...(ports === NO_PORTS ? [] : [portsText(ports)]), ...opened, ...closed].join(", ");
}

/** Where only some ports may have the name, they are told. */
function openedByName(name: PotentialName): string {
  const text = portNameText(name);
  const ports = portsText(name.opens);
  return /^every \w+ port(, every \w+ port)*$/.test(ports) ? text : `${text} (if among ${ports})`;
}

/** `TCP port named http`. */
export function portNameText({ name, protocol }: PortName): string {
  return protocol === "any" ? `port named ${name}` : `${protocol} port named ${name}`;
}

/** The pods that are meant by a line now, in the words of workloads; undefined where a line is about any pod. */
export function wearersText({ selection, wearers }: ExposedPods, home: string): string | undefined {
  const { namespaces, pods } = selection;
  const asksPods = requirementsOf(pods).length > 0;
  const asksNamespaces = namespaces.kind === "selector" && requirementsOf(namespaces.selector).length > 0;
  if (!asksPods && !asksNamespaces) return undefined;
  if (wearers.length === 0) return asksPods ? "nobody wears this label yet" : "no pod is there yet";
  const names = [
    ...new Set(
      wearers.map((pod) => {
        const name = pod.workload.replace(/\[.*$/, "");
        return pod.namespace === home ? name.slice(home.length + 1) : name;
      }),
    ),
  ];
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `now: ${shown} and ${names.length - MOST_NAMES} more` : `now: ${shown}`;
}

/** `any IPv4 address outside the cluster`, the same `but 10.0.0.0/8`, `addresses 10.0.0.0/8 but 10.1.0.0/16`. */
export function addressesText({ ranges, rest }: PotentialAddresses): string {
  const first = ranges[0]!;
  const last = ranges.at(-1)!;
  const { family } = first;
  if (first.first === 0n && last.last === maxAddressValue(family)) {
    const holes = holesOf(ranges);
    if (holes.length === 0) return `any IPv${family} address outside the cluster`;
    if (rest) return `any IPv${family} address outside the cluster but ${rangesText(holes)}`;
  }
  return `addresses ${blocksText(ranges)}`;
}

/** Ranges of one family as blocks, or as one block with what is missing from it: `10.0.0.0/8 but 10.1.0.0/16`. */
export function blocksText(ranges: readonly AddressRange[]): string {
  const first = ranges[0]!;
  const around = cidrOfRange(first.family, first.first, ranges.at(-1)!.last);
  const holes = holesOf(ranges);
  return around === undefined || holes.length === 0
    ? rangesText(ranges)
    : `${formatCidr(around)} but ${rangesText(holes)}`;
}

function rangesText(ranges: readonly AddressRange[]): string {
  const shown = ranges.slice(0, MOST_RANGES).map(formatRangeShort).join(", ");
  return ranges.length > MOST_RANGES ? `${shown} and ${ranges.length - MOST_RANGES} more ranges` : shown;
}

/** What lies between ascending ranges. */
function holesOf(ranges: readonly AddressRange[]): AddressRange[] {
  return ranges.slice(1).map((range, index) => ({
    family: range.family,
    first: ranges[index]!.last + 1n,
    last: range.first - 1n,
  }));
}
