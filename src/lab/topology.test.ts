import { describe, expect, it } from "vitest";
import { TOPOLOGY } from "./testing/cluster.ts";
import { unusableAddress, validateTopology } from "./topology.ts";

describe("validateTopology", () => {
  const [api, web] = TOPOLOGY.pods;

  it("accepts host-network pods that share their node's address", () => {
    expect(() => validateTopology(TOPOLOGY)).not.toThrow();
  });

  it("names the pod and the owner of an address used twice, in any spelling", () => {
    const pods = [api!, { ...web!, addresses: ["fd00:0244:0::0010"] }];
    expect(() => validateTopology({ ...TOPOLOGY, pods })).toThrow(
      "pod shop/web: address fd00:0244:0::0010 belongs to pod shop/api already",
    );
    const externals = [{ address: "192.168.7.2" }];
    expect(() => validateTopology({ ...TOPOLOGY, externals })).toThrow(
      "external host 192.168.7.2: address 192.168.7.2 belongs to node beta already",
    );
  });

  it("refuses double names, unknown nodes and two addresses of one family", () => {
    const withPods =
      (...pods: (typeof TOPOLOGY.pods)[number][]) =>
      () =>
        validateTopology({ ...TOPOLOGY, pods });
    expect(withPods(api!, api!)).toThrow("pod shop/api is listed twice");
    expect(withPods({ ...api!, node: "gamma" })).toThrow("pod shop/api: there is no node gamma");
    expect(withPods({ ...api!, addresses: ["10.0.0.1", "10.0.0.2"] })).toThrow(
      "pod shop/api: has two IPv4 addresses",
    );
    const nodes = [...TOPOLOGY.nodes, TOPOLOGY.nodes[0]!];
    expect(() => validateTopology({ ...TOPOLOGY, nodes })).toThrow("node alpha is listed twice");
  });
});

describe("unusableAddress", () => {
  it("lets pass what Linux routes, odd ranges too", () => {
    for (const address of [
      "10.244.200.1",
      "0.0.0.1",
      "240.0.0.1",
      "169.254.169.254",
      "64:ff9b::1",
      "fec0::1",
    ]) {
      expect([address, unusableAddress(address)]).toEqual([address, undefined]);
    }
  });

  it("says what is wrong with the rest", () => {
    for (const address of ["0.0.0.0", "127.0.0.2", "224.0.0.5", "255.255.255.255", "169.254.1.1", "10.0.0"]) {
      expect([address, unusableAddress(address)]).toEqual([address, expect.any(String)]);
    }
    for (const address of ["::", "::1", "ff02::1", "fe80::9", "febf::1", "::ffff:1.2.3.4"]) {
      expect([address, unusableAddress(address)]).toEqual([address, expect.any(String)]);
    }
  });
});
