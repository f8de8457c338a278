import type { ExposedFamily, ExposedPods, ExposedSide, Exposure } from "../analysis/exposure.ts";
import type { PotentialAddresses } from "../analysis/potential-addresses.ts";
import type { PotentialException, PotentialName } from "../analysis/potential-pods.ts";
import type { Published } from "../analysis/published.ts";
import type { Direction, LabelSelector, Labels } from "../k8s/objects.ts";
import { formatRange } from "../net/address-partition.ts";
import { portSetTokens } from "../net/port-set.ts";
import type { PodSelection } from "../policy/policy.ts";
import { compareCodePoints } from "./order.ts";
import { type PublishedDocument, publishedJson } from "./published-json.ts";

/** `schemas/podwall.exposure.v1.schema.json`. */
export interface ExposureDocument {
  readonly schema: "podwall.exposure/v1";
  readonly sides: readonly ExposureSide[];
  /** Ids of the workloads on the network of their nodes. */
  readonly hostNetwork: readonly string[];
  /** Derived from Services and Ingresses. */
  readonly published: PublishedDocument;
  /** `Kind name` of the policies in audit mode, if there are any: they are taken as if they were enforced. */
  readonly audited?: readonly string[];
}

export interface ExposureSide {
  /** `namespace/name[Kind]`. */
  readonly workload: string;
  /** Ids, `namespace/name`. */
  readonly pods: readonly string[];
  readonly direction: Direction;
  readonly limited: boolean;
  readonly families: readonly ExposureFamily[];
}

export interface ExposureFamily {
  readonly families: readonly ("IPv4" | "IPv6")[];
  readonly pods: readonly ExposurePods[];
  readonly addresses: readonly ExposureAddresses[];
}

export interface ExposureSelection {
  /** One namespace, or else those that `namespaceSelector` selects. */
  readonly namespace?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector: LabelSelector;
}

export interface ExposurePods extends ExposureSelection {
  readonly ports: readonly string[];
  readonly named?: readonly ExposureName[];
  readonly except?: readonly ExposureException[];
  readonly exceptAddresses?: readonly {
    readonly ranges: readonly string[];
    readonly ports: readonly string[];
  }[];
  /** Ids of the pods that are chosen now. */
  readonly now: readonly string[];
  readonly example: { readonly namespace: string; readonly namespaceLabels: Labels; readonly labels: Labels };
}

export interface ExposureName {
  readonly name: string;
  readonly protocol: string;
  readonly opens: readonly string[];
  readonly closes: readonly string[];
}

export interface ExposureException extends ExposureSelection {
  readonly ports: readonly string[];
  readonly name?: { readonly name: string; readonly protocol: string };
  readonly spared?: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly ports: readonly string[];
  }[];
}

export interface ExposureAddresses {
  /** `first-last`. */
  readonly ranges: readonly string[];
  readonly ports: readonly string[];
  readonly podPorts: readonly string[];
  readonly now: readonly string[];
}

/** Who could connect, as a value for JSON. */
export function exposureJson(
  { sides, hostNetwork }: Exposure,
  published: Published,
  audited: readonly string[] = [],
): ExposureDocument {
  return {
    schema: "podwall.exposure/v1",
    sides: sides.map(sideJson),
    hostNetwork: hostNetwork.map(({ id }) => id).sort(compareCodePoints),
    published: publishedJson(published),
    ...(audited.length === 0 ? {} : { audited }),
  };
}

function sideJson({ workload, pods, direction, limited, families }: ExposedSide): ExposureSide {
  return {
    workload: workload.id,
    pods: pods.map(({ id }) => id),
    direction,
    limited,
    families: families.map(familyJson),
  };
}

function familyJson({ families, pods, addresses }: ExposedFamily): ExposureFamily {
  return {
    families: families.map((family) => `IPv${family}` as const),
    pods: pods.map(podsJson),
    addresses: addresses.map(addressesJson),
  };
}

function podsJson({
  selection,
  ports,
  named,
  except,
  exceptAddresses,
  wearers,
  example,
}: ExposedPods): ExposurePods {
  return {
    ...selectionJson(selection),
    ports: portSetTokens(ports),
    ...(named.length === 0 ? {} : { named: named.map(nameJson) }),
    ...(except.length === 0 ? {} : { except: except.map(exceptionJson) }),
    ...(exceptAddresses.length === 0
      ? {}
      : {
          exceptAddresses: exceptAddresses.map((each) => ({
            ranges: each.ranges.map(formatRange),
            ports: portSetTokens(each.ports),
          })),
        }),
    now: wearers.map(({ id }) => id),
    example,
  };
}

function nameJson({ name, protocol, opens, closes }: PotentialName): ExposureName {
  return { name, protocol, opens: portSetTokens(opens), closes: portSetTokens(closes) };
}

function exceptionJson({ selection, ports, name, spared }: PotentialException): ExposureException {
  return {
    ...selectionJson(selection),
    ports: portSetTokens(ports),
    ...(name === undefined ? {} : { name: { name: name.name, protocol: name.protocol } }),
    ...(spared.length === 0
      ? {}
      : {
          spared: spared.map((each) => ({
            name: each.name,
            protocol: each.protocol,
            ports: portSetTokens(each.ports),
          })),
        }),
  };
}

function selectionJson({ namespaces, pods }: PodSelection): ExposureSelection {
  const place =
    namespaces.kind === "name" ? { namespace: namespaces.name } : { namespaceSelector: namespaces.selector };
  return { ...place, podSelector: pods };
}

function addressesJson({ ranges, ports, podPorts, pods }: PotentialAddresses): ExposureAddresses {
  return {
    ranges: ranges.map(formatRange),
    ports: portSetTokens(ports),
    podPorts: portSetTokens(podPorts),
    now: pods.map(({ id }) => id),
  };
}
