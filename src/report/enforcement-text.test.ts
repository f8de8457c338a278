import { expect, it } from "vitest";
import type { CutConnection } from "../dataplane/connections/connection-cutter.ts";
import { parseAddress } from "../net/address.ts";
import { cutTexts } from "./enforcement-text.ts";
import { ADDRESSES, engineOf } from "./flow.fixture.ts";

function cut(from: string, to: string, fields: Partial<CutConnection> = {}): CutConnection {
  const [source, destination] = [parseAddress(from)!, parseAddress(to)!];
  return {
    family: source.family,
    protocol: 6,
    source,
    destination,
    sourcePort: 40_000,
    destinationPort: 3306,
    because: { kind: "policy", direction: "ingress" },
    ...fields,
  };
}

it("tells connections that were cut alike in one line", () => {
  const { web, web6, db, db6, outside } = ADDRESSES;
  expect(
    cutTexts(
      "n1",
      [
        cut(web, db),
        cut(web, db, { sourcePort: 40_001 }),
        cut(web, db, { destinationPort: 80 }),
        cut(web6, db6),
        cut(web, db, { because: { kind: "policy", direction: "egress" } }),
        cut(outside, db, { protocol: 1, destinationPort: 0 }),
      ],
      engineOf(),
    ),
  ).toEqual([
    "node n1: cut 3 open connections shop/web -> shop/db TCP 3306: its ingress policies do not allow it any more",
    "node n1: cut the open connection shop/web -> shop/db TCP 80: its ingress policies do not allow it any more",
    "node n1: cut the open connection shop/web -> shop/db TCP 3306: its egress policies do not allow it any more",
    "node n1: cut the open connection 203.0.113.9 -> shop/db ICMP: its ingress policies do not allow it any more",
  ]);
});
