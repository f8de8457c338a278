import { describe, expect, it } from "vitest";
import type { PageData } from "../page-data.ts";
import { type Filter, hasPort, matching, parsePort } from "./filter.ts";

const DATA: PageData = {
  peers: [
    { id: "shop/api[Deployment]", group: "shop", name: "api", detail: "Deployment, 2 pods", state: "open" },
    {
      id: "shop/db[StatefulSet]",
      group: "shop",
      name: "db",
      detail: "StatefulSet, 1 pod",
      state: "isolated",
    },
    { id: "ops/prometheus[Pod]", group: "ops", name: "prometheus", detail: "Pod", state: "open" },
  ],
  ports: [
    { text: "TCP 3306", tokens: ["TCP/3306"] },
    { text: "everything", tokens: ["all"] },
    { text: "TCP 8000-8100, UDP 53", tokens: ["TCP/8000-8100", "UDP/53"] },
  ],
  connections: [0, 1, 0, 0, 2, 0, 1, 0, 2, 1, 2, 4],
};

function found(filter: Partial<Filter>): number[] {
  return matching(DATA, { words: "", group: "", port: "", ...filter });
}

describe("the filter", () => {
  it("lets everything through without a wish", () => expect(found({})).toEqual([0, 4, 8]));

  it("wants all words, in the names of either end, their states or the ports", () => {
    expect(found({ words: "API" })).toEqual([0, 4]);
    expect(found({ words: "db prom" })).toEqual([8]);
    expect(found({ words: " statefulset  3306 " })).toEqual([0]);
    expect(found({ words: "nowhere" })).toEqual([]);
  });

  it("wants a namespace at one end", () => {
    expect(found({ group: "ops" })).toEqual([4, 8]);
    expect(found({ group: "shop" })).toEqual([0, 4, 8]);
  });

  it("wants a port, in ranges and of a protocol too", () => {
    expect(found({ port: "3306" })).toEqual([0, 4]);
    expect(found({ port: "8080" })).toEqual([4, 8]);
    expect(found({ port: "53/udp" })).toEqual([4, 8]);
    expect(found({ port: "53" })).toEqual([4]);
    expect(found({ port: "no port" })).toEqual([0, 4, 8]);
  });
});

it("reads ports", () => {
  expect(parsePort(" 53 / udp")).toEqual({ number: 53, protocol: "UDP" });
  expect([parsePort("0"), parsePort("65536"), parsePort("http"), parsePort("")]).toEqual(
    Array(4).fill(undefined),
  );
  expect(hasPort({ text: "", tokens: ["other", "SCTP/1-65535"] }, { number: 9, protocol: "SCTP" })).toBe(
    true,
  );
});
