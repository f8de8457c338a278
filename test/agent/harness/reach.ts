import { addressOfFamily, type LabNetwork } from "../../../src/lab/network.ts";
import { type Probe, probe } from "../../../src/lab/probe.ts";
import { FAMILIES, formatAddress } from "../../../src/net/address.ts";
import { waitUntilNone } from "./wait-for.ts";

/** `FROM -> TO PROTOCOL/PORT`: ends are pods, `node:NAME` and external addresses. Somebody must listen there. */
export type Way = `${string} -> ${string} ${"TCP" | "UDP"}/${number}` | `${string} -> ${string} ICMP`;

/** What became of a probe, in the families that both ends have. */
export type Passage = "passes" | "stopped" | "differs by family";

export interface Reach {
  /** Tries these ways once. */
  look(...ways: readonly Way[]): Promise<Record<string, Passage>>;
  /** Waits until each of these ways is as said, in every family, and then still is. */
  becomes(
    expected: { readonly passes?: readonly Way[]; readonly stopped?: readonly Way[] },
    patience?: number,
  ): Promise<void>;
}

export function createReach(network: LabNetwork): Reach {
  const look: Reach["look"] = async (...ways) => {
    const planned = ways.flatMap((way) => probesOf(network, way).map((each) => ({ way, probe: each })));
    const results = await probe(
      network,
      planned.map((each) => each.probe),
      { timeoutMs: 300 },
    );
    const passages: Record<string, Passage> = {};
    for (const [i, { way }] of planned.entries()) {
      const { outcome } = results[i]!;
      // A reset is from a rule: one that ends a cut connection may meet another with the same ports.
      const passage = outcome === "answered" ? "passes" : "stopped";
      passages[way] = (passages[way] ?? passage) === passage ? passage : "differs by family";
    }
    return passages;
  };
  return {
    look,
    async becomes({ passes = [], stopped = [] }, patience) {
      const wanted = new Map<string, Passage>([
        ...passes.map((way) => [way, "passes"] as const),
        ...stopped.map((way) => [way, "stopped"] as const),
      ]);
      const wrong = async (): Promise<string | undefined> => {
        const seen = Object.entries(await look(...passes, ...stopped));
        const differing = seen.filter(([way, passage]) => wanted.get(way) !== passage);
        return differing.length === 0
          ? undefined
          : differing.map(([way, passage]) => `${way}: ${passage}`).join(", ");
      };
      await waitUntilNone(`packets do as they should: ${[...wanted].join("; ")}`, wrong, patience);
      const later = await wrong();
      if (later !== undefined) throw new Error(`it was right for a moment only: ${later}`);
    },
  };
}

function probesOf(network: LabNetwork, way: Way): Probe[] {
  const [from, to, what] = way.replace(" -> ", " ").split(" ") as [string, string, string];
  const [protocol, port] = what.split("/") as [Probe["protocol"], string?];
  const ends = [from, to].map((id) => {
    const end = network.endpoint(id);
    if (end === undefined) throw new Error(`${way}: the lab has no ${id}`);
    return end;
  });
  return FAMILIES.flatMap((family): Probe[] => {
    const [source, address] = ends.map((end) => addressOfFamily(end, family));
    if (source === undefined || address === undefined) return [];
    const end = { from, to: { address: formatAddress(address) }, family, protocol };
    return [port === undefined ? end : { ...end, port: Number(port) }];
  });
}
