import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";

function podCidrs(spec: object): { podCidrs: unknown; findings: string[] } {
  const text = JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: "n" }, spec });
  const { objects, findings } = parseManifests([{ file: "f", text }]);
  const [node] = objects;
  return {
    podCidrs: node?.kind === "Node" ? node.podCidrs : "no node",
    findings: findings.map(({ code, severity }) => `${severity} ${code}`),
  };
}

describe("the pod blocks of a node", () => {
  it("are its podCIDRs", () => {
    expect(podCidrs({ podCIDR: "10.244.1.0/24", podCIDRs: ["10.244.1.0/24", "fd00:1::/64"] })).toEqual({
      podCidrs: ["10.244.1.0/24", "fd00:1::/64"],
      findings: [],
    });
  });

  it("are its podCIDR where there are no others", () => {
    expect(podCidrs({ podCIDR: "10.244.1.0/24" }).podCidrs).toEqual(["10.244.1.0/24"]);
    expect(podCidrs({ podCIDR: "10.244.1.0/24", podCIDRs: [] }).podCidrs).toEqual(["10.244.1.0/24"]);
  });

  it.each([[{}], [{ podCIDR: "" }], [{ podCIDR: null, podCIDRs: null }], [{ podCIDRs: [] }]])(
    "are absent with %j",
    (spec) => {
      expect(podCidrs(spec)).toEqual({ podCidrs: undefined, findings: [] });
    },
  );

  it("are warned of in another form than the usual, and brought into it", () => {
    expect(podCidrs({ podCIDRs: ["10.244.1.7/24"] })).toEqual({
      podCidrs: ["10.244.1.0/24"],
      findings: ["warning cidr-not-canonical"],
    });
  });

  it.each([
    [{ podCIDRs: ["10.244.1.0"] }, "bad-cidr"],
    [{ podCIDR: "10.244.1.0/33" }, "bad-cidr"],
    [{ podCIDRs: "10.244.1.0/24" }, "wrong-type"],
    [{ podCIDRs: [24] }, "wrong-type"],
    [{ podCIDRs: ["10.1.0.0/24", "10.2.0.0/24"] }, "too-many-pod-cidrs"],
    [{ podCIDR: "10.1.0.0/24", podCIDRs: ["10.2.0.0/24"] }, "pod-cidr-mismatch"],
  ])("are wrong as %j", (spec, code) => {
    expect(podCidrs(spec)).toEqual({ podCidrs: "no node", findings: [`error ${code}`] });
  });
});
