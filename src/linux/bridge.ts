import { existsSync, readFileSync } from "node:fs";
import { FAMILIES, type Family } from "../net/address.ts";
import { listLinks } from "./link-list.ts";
import { type Namespace, within } from "./netns.ts";

/** A bridge with the interfaces that it joins. */
export interface Bridge {
  readonly name: string;
  readonly ports: readonly string[];
  /** Families whose packets it shows to the rules by a setting of its own, whatever the namespace's is. */
  readonly filters: readonly Family[];
}

/** Whether a namespace shows packets that only cross a bridge to the rules; undefined: it knows no such thing. */
export type BridgeFilter = Readonly<Record<Family, boolean>> | undefined;

/** Packets that cross a bridge past all rules of tables such as ours. */
export interface BridgeProblem {
  /** The kernel has no br_netfilter, or has it and it is switched off. */
  readonly code: "br-netfilter-missing" | "br-netfilter-off";
  /** The bridges with more than one port that let them pass. */
  readonly bridges: readonly Bridge[];
  /** Families whose packets pass. */
  readonly families: readonly Family[];
  /** What it means, why it is so, and what to do about it. */
  readonly message: string;
}

const SETTINGS: Readonly<Record<Family, string>> = {
  4: "bridge-nf-call-iptables",
  6: "bridge-nf-call-ip6tables",
};
// linux/if_link.h
const IFLA_BR_NF_CALL: Readonly<Record<Family, number>> = { 4: 36, 6: 37 };

/**
 * What is wrong with the bridges of a namespace, or of the one that this process is in: between two ports of one
 * bridge packets never meet the forward hook, unless br_netfilter sends them through it. Undefined if all is well.
 * Throws a SyscallError if the kernel does not tell its interfaces.
 */
export function bridgeProblem(namespace?: Namespace): BridgeProblem | undefined {
  const links = listLinks(namespace);
  const bridges = links.flatMap((link): Bridge[] => {
    if (link.kind !== "bridge") return [];
    const ports = links.filter(({ master }) => master === link.index).map(({ name }) => name);
    const filters = FAMILIES.filter((family) => link.data.get(IFLA_BR_NF_CALL[family])?.[0] === 1);
    return [{ name: link.name, ports, filters }];
  });
  const filter = within(namespace, bridgeFilter);
  return problemOfBridges(bridges, filter);
}

/** The settings of the namespace that the calling thread is in. */
function bridgeFilter(): BridgeFilter {
  const path = (family: Family): string => `/proc/sys/net/bridge/${SETTINGS[family]}`;
  if (!existsSync(path(4))) return undefined;
  const isOn = (family: Family): boolean => readFileSync(path(family), "latin1").trim() !== "0";
  return { 4: isOn(4), 6: isOn(6) };
}

/** As {@link bridgeProblem}, from what is known of bridges and settings. */
export function problemOfBridges(
  bridges: readonly Bridge[],
  filter: BridgeFilter,
): BridgeProblem | undefined {
  const passing = (bridge: Bridge): Family[] =>
    FAMILIES.filter((family) => filter?.[family] !== true && !bridge.filters.includes(family));
  const open = bridges.filter((bridge) => bridge.ports.length > 1 && passing(bridge).length > 0);
  if (open.length === 0) return undefined;
  const families = FAMILIES.filter((family) => open.some((bridge) => passing(bridge).includes(family)));
  const off = families.map((family) => `net.bridge.${SETTINGS[family]}`);
  const what = `${bridgesText(open)}: ${families.map((family) => `IPv${family}`).join(" and ")} packets between pods there pass whatever the policies say`;
  const why =
    filter === undefined
      ? "the kernel module br_netfilter is not loaded"
      : `${off.join(" and ")} ${off.length > 1 ? "are" : "is"} 0`;
  const todo =
    filter === undefined
      ? "run: modprobe br_netfilter (and name it in /etc/modules-load.d/, for the next start)"
      : `run: sysctl -w ${off.map((name) => `${name}=1`).join(" ")} (and write it to /etc/sysctl.d/, for the next start)`;
  return {
    code: filter === undefined ? "br-netfilter-missing" : "br-netfilter-off",
    bridges: open,
    families,
    message: `${what}, because ${why}; ${todo}`,
  };
}

const SHOWN = 3;

function bridgesText(bridges: readonly Bridge[]): string {
  const shown = bridges.slice(0, SHOWN).map(({ name, ports }) => `${name} (${ports.length} ports)`);
  const rest = bridges.length - shown.length;
  return `bridge${bridges.length > 1 ? "s" : ""} ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
