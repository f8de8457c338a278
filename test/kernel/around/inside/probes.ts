import { addressOfFamily, type LabNetwork } from "../../../../src/lab/network.ts";
import { type Probe, probe } from "../../../../src/lab/probe.ts";
import {
  type Address,
  FAMILIES,
  type Family,
  formatAddress,
  parseAddress,
} from "../../../../src/net/address.ts";

const TIMEOUT_MILLIS = 1000;
const PASSAGES = { answered: "passed", refused: "refused", "no-answer": "stopped" } as const;

/** Sends `FROM -> TO PROTOCOL [PORT]` in every family that both ends have, all at the same time. */
export async function measureProbes(
  network: LabNetwork,
  texts: readonly string[],
): Promise<Record<string, string>> {
  const planned = texts.flatMap((text) => FAMILIES.flatMap((family) => planProbe(network, text, family)));
  const results = await probe(
    network,
    planned.map((each) => each.probe),
    { timeoutMs: TIMEOUT_MILLIS },
  );
  const passages: Record<string, string> = {};
  for (const text of texts) {
    const found = planned.flatMap((each, i) =>
      each.text === text ? [{ family: each.probe.family, passage: PASSAGES[results[i]!.outcome] }] : [],
    );
    const distinct = new Set(found.map(({ passage }) => passage));
    passages[text] =
      distinct.size > 1
        ? found.map(({ family, passage }) => `IPv${family} ${passage}`).join(", ")
        : ([...distinct][0] ?? "no common family");
  }
  return passages;
}

function planProbe(network: LabNetwork, text: string, family: Family): { text: string; probe: Probe }[] {
  const [from, to, protocol, port] = text.replace(" -> ", " ").split(" ") as [
    string,
    string,
    string,
    string?,
  ];
  const address = addressAt(network, to, family);
  if (addressAt(network, from, family) === undefined || address === undefined) return [];
  const planned: Probe = {
    from,
    to: { address: formatAddress(address) },
    family,
    protocol: protocol as Probe["protocol"],
    ...(port === undefined ? {} : { port: Number(port) }),
  };
  return [{ text, probe: planned }];
}

/** An endpoint's address, or an address that nobody of the lab has: that of a service. */
function addressAt(network: LabNetwork, end: string, family: Family): Address | undefined {
  const endpoint = network.endpoint(end);
  if (endpoint !== undefined) return addressOfFamily(endpoint, family);
  const address = parseAddress(end);
  if (address === undefined) throw new Error(`the lab has no "${end}"`);
  return address.family === family ? address : undefined;
}
