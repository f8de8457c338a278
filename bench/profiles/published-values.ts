import type { IpBlock, NetworkPolicyPort } from "../../src/k8s/objects.ts";
import type { Random } from "../../test/generators/random.ts";

export interface Pool<T> {
  pick(): T;
}

/** Blocks outside of the cluster, many of them used again and again; the first ones most. */
export function generatedBlocks(count: number, random: Random): Pool<IpBlock> {
  const blocks = Array.from({ length: count }, (): IpBlock => {
    const net = `${random.pick(["192.168", "198.18", "203.0", "100.64"])}.${random.int(0, 255)}`;
    switch (random.int(0, 9)) {
      case 0:
        return { cidr: `${net.split(".").slice(0, 2).join(".")}.0.0/16`, except: [`${net}.0/24`] };
      case 1:
      case 2:
      case 3:
        return { cidr: `${net}.0/24` };
      case 4:
        return { cidr: `${net}.${random.int(0, 15) * 16}/28` };
      default:
        return { cidr: `${net}.${random.int(1, 254)}/32` };
    }
  });
  return { pick: () => blocks[Math.floor(blocks.length * (random.int(0, 9999) / 10_000) ** 2)]! };
}

/** The usual ports, any other, ranges and names. */
export function generatedPorts(random: Random): Pool<NetworkPolicyPort> {
  return {
    pick: () => {
      const first = random.int(1024, 60_000);
      return random.weighted<NetworkPolicyPort>([
        [60, { port: random.pick(USUAL_PORTS), protocol: "TCP" }],
        [18, { port: first, protocol: "TCP" }],
        [8, { port: 53, protocol: "UDP" }],
        [7, { port: first, endPort: first + random.int(1, 1000), protocol: "TCP" }],
        [7, { port: random.pick(["http", "https", "metrics"]) }],
      ]);
    },
  };
}

const USUAL_PORTS = [80, 443, 8080, 8443, 3306, 5432, 6379, 9090, 9092, 27_017];
