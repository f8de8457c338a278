import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { parseAddress } from "../../src/net/address.ts";
import { clusterOf } from "../engine-adapter.ts";
import { objectsOf } from "../profiles/inventory.ts";
import { measuredCluster, NODE, SERVER_PORTS, TOUCHED_PODS, tenPodsPolicy } from "./measured-cluster.ts";
import { judgingChains, passedPackets } from "./node-rules.ts";

function engineOf(policies: "few" | "many"): Engine {
  return createEngine(clusterOf(objectsOf(measuredCluster(policies, 0.02))));
}

describe("the measured cluster", () => {
  const few = engineOf("few");
  const many = engineOf("many");
  const pod = (engine: Engine, id: string) => engine.cluster.pods.find((each) => each.id === id)!;

  it("has as many pods either way, and ten policies or all", () => {
    expect([few, many].map(({ cluster }) => cluster.pods.length)).toEqual([2000, 2000]);
    expect([few, many].map(({ policies }) => policies.length)).toEqual([10, 200]);
  });

  it("lets the client reach the server on the measured ports alone", () => {
    for (const engine of [few, many]) {
      const [from, to] = [pod(engine, "measured/client-0"), pod(engine, "measured/server-0")];
      const allows = (port: number): boolean =>
        engine.allows(engine.endOf(from), engine.endOf(to), 4, { protocol: "TCP", port });
      for (const port of Object.values(SERVER_PORTS)) expect(allows(port)).toBe(true);
      expect(allows(443)).toBe(false);
    }
  });

  it("judges a measured packet by the same chains of several rules, whatever other policies there are", () => {
    const chains = [few, many].map((engine) =>
      judgingChains(compileProgram(engine, NODE)).map(({ rules, elements }) => ({ rules, elements })),
    );
    expect(chains[1]).toEqual(chains[0]);
    const [egress, ingress] = [chains[0]![0]!, chains[0]![1]!];
    expect(egress.rules).toBeGreaterThan(2);
    expect(ingress.rules).toBeGreaterThan(5);
    // Only of the rules about its port: a map leads there.
    expect(ingress.elements).toBeGreaterThan(50);
  });

  it("has a policy whose change touches ten chains", () => {
    const before = compileProgram(many, NODE);
    const changed = engineOf("many");
    changed.apply([{ kind: "policy-set", policy: tenPodsPolicy(20_000) }]);
    const after = compileProgram(changed, NODE);
    const touched = [...after.chains.values()].filter(
      ({ name, rules }) => rules.join() !== before.chains.get(name)?.rules.join(),
    );
    expect(touched).toHaveLength(TOUCHED_PODS);
  });

  it("leaves the addresses of bursts to nobody", () => {
    const { value } = parseAddress("10.200.0.0")!;
    for (const { addresses } of many.cluster.pods) expect(addresses[4]!.value >> 16n).not.toBe(value >> 16n);
  });
});

describe("passedPackets", () => {
  it("counts what rules let pass, and not what the end of the chain denied", () => {
    const listing = `table inet podwall {
	chain in4_measured_server {
		ip saddr @peers_a tcp dport 443 counter packets 3 bytes 180 accept comment "TCP/443 from pods"
		ip saddr @peers_b counter packets 40 bytes 2400 goto ingress comment "all ports to pods"
		counter packets 500 bytes 30000 drop
		goto deny_ingress
	}
}`;
    expect(passedPackets(listing)).toBe(43);
  });
});
