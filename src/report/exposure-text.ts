import type { ExposedFamily, ExposedSide, Exposure } from "../analysis/exposure.ts";
import type { PotentialAddresses } from "../analysis/potential-addresses.ts";
import type { PotentialPods } from "../analysis/potential-pods.ts";
import type { Published } from "../analysis/published.ts";
import type { Direction } from "../k8s/objects.ts";
import { NO_PORTS } from "../net/port-set.ts";
import { auditedMapText } from "./audit-text.ts";
import {
  addressesText,
  blocksText,
  portNameText,
  potentialPodsText,
  potentialPortsText,
  wearersText,
} from "./exposure-words.ts";

import { portsText } from "./map-names.ts";
import { publishedLines } from "./published-text.ts";
import type { Style } from "./style.ts";

/** One line about somebody, and what is to be said below it. */
interface Line {
  readonly who: string;
  readonly ports: string;
  readonly note: string | undefined;
  /** The note is a warning: a door that nobody uses yet. */
  readonly open: boolean;
  readonly below: readonly string[];
}

const TITLES: Readonly<Record<Direction, string>> = {
  ingress: "who may come in",
  egress: "whom it may reach",
};

/**
 * Who could connect, workload by workload, then the workloads that nothing protects, and a note about policies in audit
 * mode (`Kind name`). Ends with a line break.
 */
export function exposureText(
  exposure: Exposure,
  style: Style,
  published?: Published,
  audited: readonly string[] = [],
): string {
  const lines = [
    "Who could connect, whether such pods are there or not, as far as the policies of each workload decide.",
  ];
  let namespace: string | undefined;
  let workload: string | undefined;
  for (const side of exposure.sides) {
    if (!side.limited) continue;
    if (side.workload.namespace !== namespace) {
      namespace = side.workload.namespace;
      lines.push("", style.bold(namespace));
    }
    const name = sideName(side);
    if (workload !== side.workload.id || side.pods.length < side.workload.pods.length) {
      lines.push(`  ${style.cyan(name)}`);
    }
    workload = side.workload.id;
    lines.push(`    ${TITLES[side.direction]}`, ...sideLines(side, style).map((line) => `      ${line}`));
  }
  lines.push("", ...unprotectedLines(exposure, style));
  const ways = published === undefined ? [] : publishedLines(published, style);
  lines.push(...(ways.length === 0 ? [] : ["", ...ways]), "", ...closingWords(), "");
  const note = auditedMapText(audited);
  if (note !== undefined) lines.push(style.yellow(note), "");
  return lines.join("\n");
}

/** The workload, or those of its pods that are not treated as the others. */
function sideName({ workload, pods }: ExposedSide): string {
  if (pods.length === workload.pods.length) return `${workload.name}`;
  const shown = pods.slice(0, 3).map((pod) => pod.name);
  return `${workload.name}: ${shown.join(", ")}${pods.length > 3 ? ` and ${pods.length - 3} more` : ""}`;
}

function sideLines(side: ExposedSide, style: Style): string[] {
  const lines = side.families.flatMap((family) => familyLines(family, side));
  if (lines.length === 0) return [style.green("nobody: no label and no address opens it")];
  const whoWidth = Math.max(...lines.map(({ who }) => who.length));
  const portsWidth = Math.max(...lines.map(({ ports, note }) => (note === undefined ? 0 : ports.length)));
  return lines.flatMap(({ who, ports, note, open, below }) => {
    const cells = [who.padEnd(whoWidth), note === undefined ? ports : ports.padEnd(portsWidth)];
    if (note !== undefined) cells.push(open ? style.yellow(note) : style.dim(note));
    return [cells.join("  "), ...below.map((text) => `  ${text}`)];
  });
}

function familyLines({ families, pods, addresses }: ExposedFamily, side: ExposedSide): Line[] {
  const home = side.workload.namespace;
  const only = side.families.length > 1 ? ` (IPv${families[0]} only)` : "";
  const lines = pods.map((each): Line => {
    const note = wearersText(each, home);
    return {
      who: potentialPodsText(each.selection, home),
      ports: `${potentialPortsText(each)}${only}`,
      note,
      open: each.wearers.length === 0,
      below: exceptionTexts(each, home),
    };
  });
  return [...lines, ...addressLines(addresses)];
}

function exceptionTexts({ except, exceptAddresses, ports, named }: PotentialPods, home: string): string[] {
  const byAddress = exceptAddresses.map((each) => {
    const who = `with an address of ${blocksText(each.ranges)}`;
    return each.ports === ports && named.length === 0
      ? `but not ${who}`
      : `but not ${who}: no ${portsText(each.ports)}`;
  });
  const byLabels = except.map((each) => {
    const who = potentialPodsText(each.selection, home);
    if (each.name !== undefined) return `but not ${who}: no ${portNameText(each.name)}`;
    const spared = each.spared.map((name) => `, unless it is a ${portNameText(name)}`).join("");
    return each.ports === ports && named.length === 0
      ? `but not ${who}${spared}`
      : `but not ${who}: no ${portsText(each.ports)}${spared}`;
  });
  return [...byLabels, ...byAddress];
}

/** Where all addresses of both families get the same, they are one line. */
function addressLines(addresses: readonly PotentialAddresses[]): Line[] {
  const whole = addresses.filter(
    ({ ranges, rest }) => rest && ranges.length === 1 && ranges[0]!.first === 0n,
  );
  const [first, second] = whole;
  if (addresses.length === 2 && first !== undefined && first.ports === second?.ports) {
    const texts = addresses.map(addressesText);
    if (texts.every((text) => !text.includes(" but "))) {
      return [
        {
          who: "anyone outside the cluster",
          ports: portsText(first.ports),
          note: undefined,
          open: false,
          below: [],
        },
      ];
    }
  }
  return addresses.map((each) => ({
    who: addressesText(each),
    ports: portsText(each.ports),
    note: each.rest ? undefined : podsThereText(each),
    open: false,
    below: [],
  }));
}

function podsThereText({ ports, podPorts, pods, everyPod }: PotentialAddresses): string {
  if (pods.length === 0) return "no pod has such an address now";
  if (podPorts !== ports) {
    return podPorts === NO_PORTS ? "not for any pod there" : `any pod there: ${portsText(podPorts)}`;
  }
  if (everyPod) return "every pod has such an address now, so that any new pod may too";
  return `${pods.length === 1 ? "1 pod has" : `${pods.length} pods have`} such an address now`;
}

function unprotectedLines({ sides, hostNetwork }: Exposure, style: Style): string[] {
  const lines: string[] = [];
  for (const [direction, what] of [
    ["ingress", "No policy limits who may come in"],
    ["egress", "No policy limits whom it may reach"],
  ] as const) {
    const open = sides.filter((side) => side.direction === direction && !side.limited);
    if (open.length > 0) lines.push(style.bold(what), ...namesByNamespace(open));
  }
  if (hostNetwork.length > 0) {
    lines.push(
      style.bold("On the network of their nodes, where no policy applies"),
      ...namesByNamespace(hostNetwork.map((workload) => ({ workload, pods: workload.pods }))),
    );
  }
  if (lines.length === 0) lines.push(style.green("A policy limits every workload that was asked about."));
  return lines;
}

function closingWords(): string[] {
  return [
    "A label that nobody wears yet is an open door: whoever may label pods or namespaces can walk in.",
    "What the other pod's own policies say is not counted: those of a pod that is not there are not known.",
  ];
}

function namesByNamespace(open: readonly Pick<ExposedSide, "workload" | "pods">[]): string[] {
  const byNamespace = new Map<string, string[]>();
  for (const { workload, pods } of open) {
    const names = byNamespace.get(workload.namespace) ?? [];
    const part =
      pods.length < workload.pods.length ? ` (${pods.length} of its ${workload.pods.length} pods)` : "";
    names.push(`${workload.name}${part}`);
    byNamespace.set(workload.namespace, names);
  }
  return [...byNamespace].map(([namespace, names]) => `  ${namespace}  ${names.join(", ")}`);
}
