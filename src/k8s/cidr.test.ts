import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";

/** The help for an address in an ipBlock. */
function helpFor(cidr: string): string | undefined {
  const text = JSON.stringify({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p" },
    spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] },
  });
  const { findings } = parseManifests([{ file: "p.json", text }]);
  expect(findings).toMatchObject([{ code: "cidr-not-canonical", severity: "warning" }]);
  return findings[0]!.help;
}

describe("a block that is not in its canonical form", () => {
  it.each(["10.0.0.5/24", "10.0.0.0/024", "010.0.0.0/24", "010.0.0.5/24"])(
    "is said to be refused by newer servers if it is %s",
    (cidr) => {
      expect(helpFor(cidr)).toBe(
        "Write 10.0.0.0/24, or the block that was meant. Kubernetes 1.36 and newer refuse it in a new policy.",
      );
    },
  );

  it.each(["FD00::/8", "fd00:0:0::/8", "fd00:0:0:0:0:0:0:0/8"])("is not if it is only spelt %s", (cidr) => {
    expect(helpFor(cidr)).toBe("Write fd00::/8, or the block that was meant.");
  });
});
