// What a denied sender sees, and pods that the engine does not know yet.
import { beforeAll, expect, it } from "vitest";
import type { Answers, DenyModesRun } from "./deny-modes-script.ts";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const OPEN = "shop/open -> shop/far";
const SILENCE = new Array(6).fill("timeout");
const ANSWERED = new Array(6).fill("answered");

function without(answers: Answers, ...keys: readonly string[]): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([key]) => !keys.includes(key)));
}

describeKernel("denied packets, and pods that are not known yet", () => {
  let run: DenyModesRun;
  beforeAll(async () => {
    run = await runKernelScript<DenyModesRun>("./deny-modes-script.ts");
  });

  it("get no answer with drop, whichever side denies them", () => {
    const { [OPEN]: open, ...denied } = run.drop;
    expect(open).toEqual(ANSWERED);
    expect(Object.keys(denied)).toHaveLength(7);
    for (const [pair, answers] of Object.entries(denied)) expect(answers, pair).toEqual(SILENCE);
  });

  it("get a reset or an ICMP error with reject, which reaches an isolated sender too", () => {
    const { [OPEN]: open, ...denied } = run.reject;
    expect(open).toEqual(ANSWERED);
    expect(Object.keys(denied)).toHaveLength(7);
    for (const [pair, answers] of Object.entries(denied)) {
      expect(answers, pair).toEqual([
        "reset",
        // How Linux tells the sender of a datagram of "administratively prohibited".
        "EHOSTUNREACH",
        "ICMP type 3 code 13",
        "reset",
        "EACCES",
        "ICMPv6 type 1 code 1",
      ]);
    }
  });

  const BIRTH = [
    "shop/open -> shop/new",
    "shop/far -> shop/new",
    "shop/new -> shop/open",
    "shop/new -> shop/far",
  ];

  it("close an unknown pod both ways, but not to its node", () => {
    for (const pair of BIRTH) expect(run.unknown[pair], pair).toEqual(SILENCE);
    expect(run.unknown["node:one -> shop/new"]).toEqual(ANSWERED);
  });

  it("leave open what else has an address of the pod range: pods of other nodes, and known hosts", () => {
    expect(run.unknown[OPEN]).toEqual(ANSWERED);
    expect(run.unknown["10.244.9.9 -> shop/open"]).toEqual(["answered", "answered", "answered"]);
    // Nobody listens there: that it is told so means that the packet arrived.
    expect(run.unknown["shop/open -> 10.244.9.9"]).toEqual(["reset", "port unreachable", "answered"]);
  });

  it("open it to what is allowed, once it is known", () => {
    for (const pair of BIRTH) expect(run.known[pair], pair).toEqual(ANSWERED);
    expect(without(run.known, ...BIRTH)).toEqual(without(run.unknown, ...BIRTH));
  });

  it("close nobody at birth where that is turned off", () => {
    expect(run.open).toEqual(run.known);
  });
});
