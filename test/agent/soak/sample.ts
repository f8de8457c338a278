import type { End } from "../../../src/engine/end.ts";
import { enforcedPorts } from "../../../src/engine/enforced-ports.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { addressOfFamily } from "../../../src/lab/network.ts";
import { type Probe, probe } from "../../../src/lab/probe.ts";
import { FAMILIES, formatAddress } from "../../../src/net/address.ts";
import { portSetHas, type Traffic } from "../../../src/net/port-set.ts";
import type { Random } from "../../generators/random.ts";
import { type AgentCluster, OUTSIDE, OUTSIDE_IPV6 } from "../harness/agent-cluster.ts";

/** What packets said of a sample of all ways there are, and what an engine says of them. */
export interface Sample {
  readonly passed: number;
  readonly denied: number;
  /** Probes that were sent once more, since they should have been answered and were not. */
  readonly repeated: number;
  /** `FROM -> TO TCP/80 IPv4: denied, but was answered`. */
  readonly wrong: readonly string[];
}

interface Way {
  readonly probe: Probe;
  readonly isAllowed: boolean;
}

const TIMEOUT_MILLIS = 500;

/** Sends packets on random ways between pods, and from nodes and from outside to pods. */
export async function probeSample(
  cluster: AgentCluster,
  engine: Engine,
  random: Random,
  size: number,
): Promise<Sample> {
  const ways = random.sample(allWays(cluster, engine), size);
  const answered = async (tried: readonly Way[]): Promise<boolean[]> => {
    const results = await probe(
      cluster.network,
      tried.map((way) => way.probe),
      { timeoutMs: TIMEOUT_MILLIS },
    );
    return results.map(({ outcome }) => outcome === "answered");
  };
  const first = await answered(ways);
  // A machine that is busy may lose an answer, or not look in time; one that comes where it must not comes once.
  const silent = ways.filter((way, i) => way.isAllowed && !first[i]);
  const second = new Map((await answered(silent)).map((isAnswered, i) => [silent[i]!, isAnswered]));
  const wrong: string[] = [];
  for (const [i, way] of ways.entries()) {
    const isAnswered = first[i]! || second.get(way) === true;
    if (isAnswered === way.isAllowed) continue;
    const { from, to, protocol, port, family } = way.probe;
    const words = isAnswered ? "denied, but was answered" : "allowed, but was not answered";
    // Whether it stays so tells one kind of fault from another.
    const [again] = await answered([way]);
    const later = again === isAnswered ? "and again" : "but not later";
    wrong.push(`${from} -> ${to.address} ${protocol}/${port} IPv${family}: ${words}, ${later}`);
  }
  const passed = ways.filter(({ isAllowed }) => isAllowed).length;
  return { passed, denied: ways.length - passed, repeated: silent.length, wrong };
}

function allWays({ network, nodes }: AgentCluster, engine: Engine): Way[] {
  const pods = engine.cluster.pods.filter(
    ({ id, hostNetwork }) => !hostNetwork && network.endpoint(id) !== undefined,
  );
  const enforced = enforcedPorts(engine);
  const sources = [
    ...pods.map(({ id }) => id),
    ...[...nodes.keys()].map((name) => `node:${name}`),
    OUTSIDE,
    OUTSIDE_IPV6,
  ];
  const endOf = (id: string, family: Probe["family"]): End | undefined => {
    const pod = pods.find((each) => each.id === id);
    if (pod !== undefined) return engine.endOf(pod);
    const address = addressOfFamily(network.endpoint(id)!, family);
    return address === undefined ? undefined : { kind: "address", address };
  };
  return sources.flatMap((from) =>
    pods.flatMap((pod) =>
      FAMILIES.flatMap((family): Way[] => {
        const [source, address] = [endOf(from, family), pod.addresses[family]];
        if (pod.id === from || source === undefined || address === undefined) return [];
        return pod.ports.flatMap(({ protocol, port }): Way[] => {
          if (protocol === "SCTP") return [];
          const traffic: Traffic = { protocol, port };
          return [
            {
              probe: { from, to: { address: formatAddress(address) }, family, protocol, port },
              isAllowed: portSetHas(enforced(source, engine.endOf(pod), family), traffic),
            },
          ];
        });
      }),
    ),
  );
}
