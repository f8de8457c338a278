import { policyId } from "../cluster/change.ts";
import { auditedPolicies } from "../cluster/without-audited.ts";
import { createEngine } from "../engine/engine.ts";
import { type Reachability, type ReachPeer, reachability } from "../engine/reachability.ts";
import { parseAddress } from "../net/address.ts";
import { intersectPorts, MAX_PORT, MIN_PORT, NO_PORTS, type PortSet, portRange } from "../net/port-set.ts";
import { mapCsv } from "../report/map-csv.ts";
import { mapJson } from "../report/map-json.ts";
import { mapMarkdown } from "../report/map-markdown.ts";
import { mapText } from "../report/map-text.ts";
import { EXIT_OK } from "./exit-code.ts";
import { type LiveInputOptions, loadManifestsOrCluster } from "./live-input.ts";
import { isPicture, type Picture } from "./map-picture-format.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface MapOptions extends LiveInputOptions {
  readonly pods?: boolean;
  readonly output: "text" | "json" | "csv" | "md" | Picture;
  readonly from?: string;
  readonly to?: string;
  readonly namespace?: string;
  readonly port?: string;
  readonly exposure?: boolean;
}

type TextOutput = Exclude<MapOptions["output"], Picture>;

/** `podwall map`: who can reach whom. */
export async function mapCommand(paths: readonly string[], options: MapOptions): Promise<number> {
  if (options.exposure === true) {
    const { exposureCommand } = await import("./map-exposure.ts");
    return exposureCommand(paths, options);
  }
  const filter = connectionFilter(options);
  const { namespace } = options;
  const { cluster } = await loadManifestsOrCluster(paths, options, {
    namespaces: () => (namespace === undefined ? [] : [namespace]),
    isEnough: false,
    lack: "Connections from and to pods of other namespaces are missing.",
    ...(namespace === undefined
      ? {
          advice: "If you may read one namespace, --namespace NAME --keep-going shows what passes within it.",
        }
      : {}),
  });
  const per = options.pods === true ? "pod" : "workload";
  const isAsked = pairFilter(options);
  const whole = reachability(createEngine(cluster), per, isAsked);
  const reach = filter(whole);
  const audited = auditedPolicies(cluster).map(policyId);
  const { output } = options;
  if (isPicture(output)) {
    const { drawPicture } = await import("./map-picture.ts");
    const asked = isAsked === undefined ? {} : { asked: { peers: whole.peers, isAsked } };
    process.stdout.write(await drawPicture(output, reach, { ...asked, ...scopeOf(options), audited }));
  } else {
    process.stdout.write(renderWhole(reach, audited, output));
  }
  return EXIT_OK;
}

/** What the options limit the map to, in words; nothing without any. */
function scopeOf({ from, to, namespace, port }: MapOptions): { readonly scope?: string } {
  const parts = [
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(namespace === undefined ? [] : [`from or to namespace ${namespace}`]),
    ...(port === undefined ? [] : [`on port ${port}`]),
  ];
  return parts.length === 0 ? {} : { scope: `only connections ${parts.join(" ")}` };
}

/** A connection takes some 200 bytes of JSON, and V8 ends a text at 512 MB. */
const MOST_JSON_CONNECTIONS = 2_000_000;

/** As {@link render}. A map that is longer than a text can be is refused, with the way to a shorter one. */
function renderWhole(reach: Reachability, audited: readonly string[], output: TextOutput): string {
  const { length } = reach.connections;
  if (output === "json" && length > MOST_JSON_CONNECTIONS) throw tooLarge(length);
  try {
    return render(reach, audited, output);
  } catch (error) {
    if (error instanceof RangeError && error.message === "Invalid string length") throw tooLarge(length);
    throw error;
  }
}

function tooLarge(connections: number): UsageError {
  return new UsageError(
    `the map has ${connections.toLocaleString("en")} connections, more than fit into one text; ask for less with --namespace, --from, --to or --port`,
  );
}

function render(reach: Reachability, audited: readonly string[], output: TextOutput): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(mapJson(reach, audited), undefined, 2)}\n`;
    case "csv":
      return ended(mapCsv(reach));
    case "md":
      return ended(mapMarkdown(reach, audited));
    case "text":
      return ended(mapText(reach, styleFor(process.stdout), audited));
  }
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** Which pairs the options ask about: in a large cluster the others are not even looked at. */
function pairFilter({
  from,
  to,
  namespace,
}: MapOptions): ((source: ReachPeer, destination: ReachPeer) => boolean) | undefined {
  if (from === undefined && to === undefined && namespace === undefined) return undefined;
  return (source, destination) =>
    (from === undefined || isNamed(source, from)) &&
    (to === undefined || isNamed(destination, to)) &&
    (namespace === undefined || isIn(source, namespace) || isIn(destination, namespace));
}

/** Keeps the ports that are asked for, and peers: those that are asked about stay without a connection too. */
function connectionFilter(options: MapOptions): (reach: Reachability) => Reachability {
  const ports = options.port === undefined ? undefined : portFilter(options.port);
  return (reach) => {
    for (const [option, name] of [
      ["--from", options.from],
      ["--to", options.to],
    ] as const) {
      if (name !== undefined && !reach.peers.some((peer) => isNamed(peer, name))) {
        throw new UsageError(
          `${option} ${name}: no such peer; there are: ${reach.peers
            .slice(0, 8)
            .map((peer) => peer.id)
            .join(", ")}`,
        );
      }
    }
    const { namespace } = options;
    if (namespace !== undefined && !reach.peers.some((peer) => isIn(peer, namespace))) {
      throw new UsageError(`--namespace ${namespace}: no pods there`);
    }
    const connections = reach.connections.flatMap((connection) => {
      const left = ports === undefined ? connection.ports : intersectPorts(connection.ports, ports);
      return left === NO_PORTS ? [] : [{ ...connection, ports: left }];
    });
    const kept = new Set(connections.flatMap(({ from, to }) => [from, to]));
    const filtered = [options.from, options.to, namespace].some((each) => each !== undefined);
    return {
      peers: filtered
        ? reach.peers.filter(
            (peer) =>
              kept.has(peer) ||
              [options.from, options.to].some((name) => name !== undefined && isNamed(peer, name)) ||
              (namespace !== undefined && isIn(peer, namespace)),
          )
        : reach.peers,
      connections,
    };
  };
}

/** An id, `namespace/name`, a pod of the peer, or an outside address within it. */
function isNamed(peer: ReachPeer, name: string): boolean {
  if (peer.id === name) return true;
  if (peer.kind === "external") {
    const address = parseAddress(name);
    return (
      address !== undefined &&
      address.family === peer.family &&
      peer.ranges.some((range) => range.first <= address.value && address.value <= range.last)
    );
  }
  return (
    `${peer.workload.namespace}/${peer.workload.name}` === name || peer.pods.some((pod) => pod.id === name)
  );
}

function isIn(peer: ReachPeer, namespace: string): boolean {
  return peer.kind !== "external" && peer.workload.namespace === namespace;
}

function portFilter(text: string): PortSet {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const port = Number(match?.[1]);
  if (match === null || port < MIN_PORT || port > MAX_PORT) {
    throw new UsageError(
      `--port ${text}: give a number from ${MIN_PORT} to ${MAX_PORT}, or one with its protocol, such as 53/UDP`,
    );
  }
  return portRange((match[2]?.toUpperCase() ?? "TCP") as "TCP" | "UDP" | "SCTP", port);
}
