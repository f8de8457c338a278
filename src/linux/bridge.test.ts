import { describe, expect, it } from "vitest";
import { type Bridge, problemOfBridges } from "./bridge.ts";

const bridge = (name: string, ports: readonly string[], filters: Bridge["filters"] = []): Bridge => ({
  name,
  ports,
  filters,
});
const CNI = bridge("cni0", ["veth1", "veth2"]);

describe("bridges", () => {
  it("are no problem while they join nothing, or where all they carry meets the rules", () => {
    expect(problemOfBridges([], undefined)).toBeUndefined();
    expect(problemOfBridges([bridge("cni0", ["veth1"])], undefined)).toBeUndefined();
    expect(problemOfBridges([CNI], { 4: true, 6: true })).toBeUndefined();
    expect(
      problemOfBridges([bridge("cni0", ["veth1", "veth2"], [4, 6])], { 4: false, 6: false }),
    ).toBeUndefined();
  });

  it("carry packets past the rules where the kernel has no br_netfilter: what to do is said", () => {
    expect(problemOfBridges([CNI], undefined)).toEqual({
      code: "br-netfilter-missing",
      bridges: [CNI],
      families: [4, 6],
      message:
        "bridge cni0 (2 ports): IPv4 and IPv6 packets between pods there pass whatever the policies say, because " +
        "the kernel module br_netfilter is not loaded; run: modprobe br_netfilter (and name it in " +
        "/etc/modules-load.d/, for the next start)",
    });
  });

  it("carry packets of a family past the rules where it is switched off", () => {
    expect(problemOfBridges([CNI], { 4: true, 6: false })).toEqual({
      code: "br-netfilter-off",
      bridges: [CNI],
      families: [6],
      message:
        "bridge cni0 (2 ports): IPv6 packets between pods there pass whatever the policies say, because " +
        "net.bridge.bridge-nf-call-ip6tables is 0; run: sysctl -w net.bridge.bridge-nf-call-ip6tables=1 (and write " +
        "it to /etc/sysctl.d/, for the next start)",
    });
  });

  it("are named as far as one can read them, and only those that have a problem", () => {
    const many = Array.from({ length: 5 }, (_, i) => bridge(`br${i}`, ["a", "b"], i === 4 ? [4, 6] : [4]));
    const problem = problemOfBridges(many, { 4: false, 6: false });
    expect(problem?.bridges).toEqual(many.slice(0, 4));
    expect(problem?.families).toEqual([6]);
    expect(problem?.message).toMatch(
      /^bridges br0 \(2 ports\), br1 \(2 ports\), br2 \(2 ports\) and 1 more: IPv6 packets/,
    );
  });
});
