import { describe, expect, it } from "vitest";
import { EMPTY_PROGRAM } from "../program/program.ts";
import { ReadBackError, readProgram } from "./read-program.ts";

const OURS = { family: "inet", table: "podwall" };

/** What nft prints for a table with these objects. */
function listed(...objects: readonly object[]): string {
  const table = { table: { family: "inet", name: "podwall", handle: 1 } };
  return JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6" } }, table, ...objects] });
}

function rulesOf(...expressions: readonly (readonly object[])[]): readonly string[] {
  const rules = expressions.map((expr) => ({ rule: { ...OURS, chain: "c", handle: 2, expr } }));
  return readProgram(listed({ chain: { ...OURS, name: "c" } }, ...rules)).chains.get("c")!.rules;
}

function elementsOf(set: object): string[] {
  const name = "s";
  return [
    ...readProgram(listed({ set: { ...OURS, name, ...set } }))
      .sets.get(name)!
      .elements.keys(),
  ];
}

const match = (left: object, right: unknown, op = "=="): object => ({ match: { op, left, right } });
const payload = (protocol: string, field: string): object => ({ payload: { protocol, field } });
const L4PROTO = { meta: { key: "l4proto" } };

describe("readProgram", () => {
  it("gives the empty program where there is no such table", () => {
    expect(readProgram('{"nftables": []}')).toBe(EMPTY_PROGRAM);
    const others = [
      { table: { family: "ip", name: "podwall" } },
      { table: { family: "inet", name: "other" } },
    ];
    expect(readProgram(JSON.stringify({ nftables: others }))).toBe(EMPTY_PROGRAM);
  });

  it.each(["", "table inet podwall {", "[]", '{"nftables": {}}', '{"nftables": [1]}'])(
    "refuses %j",
    (text) => {
      expect(() => readProgram(text)).toThrow(ReadBackError);
    },
  );

  it("leaves other tables alone", () => {
    const other = { chain: { family: "inet", table: "other", name: "c" } };
    expect(readProgram(listed(other)).chains.size).toBe(0);
  });

  it("reads protocols by number and by name", () => {
    const concat = { concat: [L4PROTO, payload("th", "dport")] };
    expect(
      rulesOf(
        [match(L4PROTO, 6), { accept: null }],
        [match(L4PROTO, "tcp"), { accept: null }],
        [match(L4PROTO, { set: [6, 17, 132] }, "!="), { drop: null }],
        [match(concat, "@ports_x"), { counter: { packets: 7, bytes: 420 } }, { goto: { target: "d" } }],
      ),
    ).toEqual([
      "meta l4proto tcp accept",
      "meta l4proto tcp accept",
      "meta l4proto != { tcp, udp, sctp } drop",
      "meta l4proto . th dport @ports_x counter goto d",
    ]);
  });

  it("tells what it does not know, and does not leave it out", () => {
    const limit = { limit: { rate: 5, burst: 5, per: "second", inv: true } };
    const state = { ct: { key: "state" } };
    expect(
      rulesOf(
        [limit, { accept: null }],
        [{ log: null }],
        [{ mangle: { key: { meta: { key: "mark" } }, value: 1 } }],
        [match(state, "established"), { accept: null }],
        [match({ payload: { protocol: "ip", field: "saddr", tunnel: "vxlan" } }, "@s")],
      ),
    ).toEqual([
      `unknown ${JSON.stringify(limit)} accept`,
      'unknown {"log":null}',
      'unknown {"mangle":{"key":{"meta":{"key":"mark"}},"value":1}}',
      `unknown ${JSON.stringify(match(state, "established"))} accept`,
      `unknown ${JSON.stringify(match({ payload: { protocol: "ip", field: "saddr", tunnel: "vxlan" } }, "@s"))}`,
    ]);
  });

  it("does not let a comment with a quote read as something else", () => {
    const comment = 'x" accept comment "y';
    const rule = { rule: { ...OURS, chain: "c", comment, expr: [{ drop: null }] } };
    const { rules } = readProgram(listed({ chain: { ...OURS, name: "c" } }, rule)).chains.get("c")!;
    expect(rules).toEqual([`drop unknown ${JSON.stringify({ comment })}`]);
  });

  it("reads elements in every shape", () => {
    const all = { range: [0, 255] };
    const type = ["ipv4_addr", "inet_proto"];
    const flags = ["interval"];
    const concat = (address: unknown): object => ({ concat: [address, all] });
    expect(
      elementsOf({
        type,
        flags,
        elem: [
          concat({ prefix: { addr: "10.0.0.0", len: 8 } }),
          concat("192.0.2.1"),
          concat({ range: ["1.0.0.0", "1.0.0.3"] }),
          concat({ range: ["2.0.0.1", "2.0.0.3"] }),
          { elem: { val: concat("192.0.2.2"), comment: "harmless" } },
          { elem: { val: concat("192.0.2.3"), limit: { rate: 1 } } },
          { concat: ["192.0.2.4", "tcp"] },
        ],
      }),
    ).toEqual([
      "10.0.0.0/8 . 0-255",
      "192.0.2.1/32 . 0-255",
      "1.0.0.0/30 . 0-255",
      "2.0.0.1-2.0.0.3 . 0-255",
      "192.0.2.2/32 . 0-255",
      `unknown ${JSON.stringify({ elem: { val: concat("192.0.2.3"), limit: { rate: 1 } } })}`,
      "192.0.2.4/32 . tcp",
    ]);
    // Some versions write a list of one without the list.
    expect(elementsOf({ type, flags: "interval", elem: [concat("::ffff:1.2.3.4")] })).toEqual([
      "::ffff:102:304/128 . 0-255",
    ]);
  });

  it("keeps what no program has: other hooks, priorities and policies, flags, counters", () => {
    const base = { type: "filter", hook: "forward", prio: 0, policy: "accept" };
    const chain = (more: object): object => ({ chain: { ...OURS, name: "c", ...base, ...more } });
    expect(readProgram(listed(chain({}))).chains.get("c")).toEqual({ name: "c", hook: "forward", rules: [] });
    for (const more of [{ prio: -1 }, { policy: "drop" }, { hook: "prerouting" }, { type: "nat" }]) {
      expect(readProgram(listed(chain(more))).chains.get("c")!.foreign).toMatch(/^type \w+ hook/);
    }
    const dormant = { table: { family: "inet", name: "podwall", flags: ["dormant"] } };
    const counter = { counter: { ...OURS, name: "n" } };
    expect(readProgram(JSON.stringify({ nftables: [dormant, counter] })).foreign).toEqual([
      "flags of the table",
      "counter n",
    ]);
  });

  it("tells sets apart that differ in more than their elements", () => {
    const typeOf = (set: object): string =>
      readProgram(listed({ set: { ...OURS, name: "s", type: "ipv4_addr", ...set } })).sets.get("s")!.type;
    expect(typeOf({ comment: "c", handle: 3 })).toBe("ipv4_addr");
    expect(typeOf({ size: 5 })).toBe('ipv4_addr unknown {"size":5}');
    expect(typeOf({ flags: ["timeout"], size: 65535 })).toBe("ipv4_addr");
    expect(typeOf({ flags: ["constant"] })).toContain("constant");
  });
});
