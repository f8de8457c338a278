// What a change does not forbid is not disturbed by it: streams of bytes and of datagrams through a thousand of them.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { runKernelScript } from "../run-kernel-script.ts";
import type { StreamsResult } from "./streams-script.ts";

/** An even number; more with PODWALL_STREAM_CHANGES=10000. */
const CHANGES = Number(process.env.PODWALL_STREAM_CHANGES ?? 1000);

describeKernel("streams through a thousand changes that are about others", () => {
  let result: StreamsResult;
  beforeAll(async () => {
    result = await runKernelScript<StreamsResult>("./cuts/streams-script.ts", [String(CHANGES)]);
  });

  it("go on while the rules of their own nodes change, and a change cuts their neighbours", () => {
    expect(result.changes).toBe(CHANGES);
    // Of a change that one of the nodes does not notice nothing could be lost.
    expect(result.noticed).toBe(CHANGES);
    const names = ["TCP IPv4", "TCP IPv6", "UDP IPv4", "UDP IPv6"];
    const each = (tcp: [string, string], udp: [string, string]): StreamsResult["neighbours"]["before"] =>
      Object.fromEntries(
        names.map((name) => {
          const [client, server] = name.startsWith("TCP") ? tcp : udp;
          return [name, { client, server }];
        }),
      );
    expect(result.neighbours.before).toEqual(each(["data", "data"], ["data", "data"]));
    expect(result.neighbours.after).toEqual(each(["reset", "reset"], ["silence", "silence"]));
    expect(result.cuts.middle).toEqual([
      "two: 17 10.244.1.1 > 10.244.2.1 7001 policy ingress",
      "two: 17 fd00:10:244:1::1 > fd00:10:244:2::1 7001 policy ingress",
      "two: 6 10.244.1.1 > 10.244.2.1 7001 policy ingress",
      "two: 6 fd00:10:244:1::1 > fd00:10:244:2::1 7001 policy ingress",
    ]);
    expect(result.cuts.all).toEqual(result.cuts.middle);
    expect(result.differences).toEqual({ one: 0, two: 0 });
  });

  it.each(["TCP IPv4", "TCP IPv6"])("every byte arrives, in order, to the end: %s", (name) => {
    const { sent, received, isSame, end } = result.transfers[name]!;
    expect({ received, isSame, end }).toEqual({ received: sent, isSame: true, end: "end" });
    expect(sent).toBeGreaterThan(CHANGES * 10_000);
  });

  it.each(["UDP IPv4", "UDP IPv6"])("every datagram arrives, in order: %s", (name) => {
    const { sent, received, inOrder, errors } = result.datagrams[name]!;
    expect({ received, inOrder, errors }).toEqual({ received: sent, inOrder: sent, errors: [] });
    expect(sent).toBeGreaterThan(CHANGES);
  });

  it("ends where a change is about it: otherwise the measure would not notice", () => {
    const { transfers, datagrams } = result.forbidden;
    for (const [name, { sent, received, isSame, end }] of Object.entries(transfers)) {
      expect({ isSame, end }, name).toEqual({ isSame: false, end: "ECONNRESET" });
      expect(received, name).toBeLessThan(sent);
    }
    for (const [name, { sent, received }] of Object.entries(datagrams)) {
      expect(received, name).toBeLessThan(sent);
    }
    expect(Object.keys({ ...transfers, ...datagrams })).toHaveLength(4);
  });
});
