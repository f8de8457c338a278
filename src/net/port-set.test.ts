import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PORTS,
  intersectPorts,
  isWholeProtocol,
  MAX_PORT,
  NO_PORTS,
  OTHER_PROTOCOLS,
  type PortSet,
  portRange,
  portSetFromTokens,
  portSetHas,
  portSetTokens,
  portsCovered,
  portsWithin,
  subtractPorts,
  TRANSPORT_PROTOCOLS,
  type Traffic,
  unionPorts,
  wholeProtocol,
} from "./port-set.ts";

// A domain small enough for a Set: each protocol's ports fall into eight blocks, of one port or of thousands.
const STARTS = [1, 2, 3, 80, 81, 30000, 65534, 65535];
const CELLS: readonly Traffic[] = [
  ...TRANSPORT_PROTOCOLS.flatMap((protocol) => STARTS.map((port): Traffic => ({ protocol, port }))),
  { protocol: "other" },
];

function blockOf(cell: Traffic): PortSet {
  if (cell.protocol === "other") return OTHER_PROTOCOLS;
  const next = STARTS[STARTS.indexOf(cell.port) + 1] ?? MAX_PORT + 1;
  return portRange(cell.protocol, cell.port, next - 1);
}

function portSetOf(cells: Iterable<number>): PortSet {
  let set = NO_PORTS;
  for (const cell of cells) set = unionPorts(set, blockOf(CELLS[cell]!));
  return set;
}

function membersOf(set: PortSet): number[] {
  return [...CELLS.keys()].filter((cell) => portSetHas(set, CELLS[cell]!));
}

const cells = fc.uniqueArray(fc.nat({ max: CELLS.length - 1 }));

describe("operations on port sets", () => {
  it("do what they do on plain sets", () => {
    fc.assert(
      fc.property(cells, cells, (a, b) => {
        const [setA, setB] = [portSetOf(a), portSetOf(b)];
        const ascending = (values: number[]): number[] => values.sort((x, y) => x - y);
        expect(membersOf(setA)).toEqual(ascending([...a]));
        expect(membersOf(unionPorts(setA, setB))).toEqual(ascending([...new Set([...a, ...b])]));
        expect(membersOf(intersectPorts(setA, setB))).toEqual(
          ascending(a.filter((cell) => b.includes(cell))),
        );
        expect(membersOf(subtractPorts(setA, setB))).toEqual(
          ascending(a.filter((cell) => !b.includes(cell))),
        );
        expect(portsWithin(setA, setB)).toBe(a.every((cell) => b.includes(cell)));
      }),
      { numRuns: 500 },
    );
  });

  it("give the same object for the same set, however it was made", () => {
    fc.assert(
      fc.property(cells, (members) => {
        const set = portSetOf(members);
        const rest = portSetOf([...CELLS.keys()].filter((cell) => !members.includes(cell)));
        expect(portSetOf([...members].reverse())).toBe(set);
        expect(subtractPorts(ALL_PORTS, rest)).toBe(set);
        expect(unionPorts(set, rest)).toBe(ALL_PORTS);
        expect(intersectPorts(set, rest)).toBe(NO_PORTS);
        expect(portSetFromTokens(portSetTokens(set))).toBe(set);
        expect(set.key === "").toBe(set === NO_PORTS);
      }),
    );
  });

  it("join ranges that touch and split those that are cut", () => {
    const low = unionPorts(portRange("TCP", 10, 19), portRange("TCP", 20, 29));
    expect(low).toBe(portRange("TCP", 10, 29));
    expect(portSetTokens(subtractPorts(low, portRange("TCP", 15)))).toEqual(["TCP/10-14", "TCP/16-29"]);
  });
});

describe("portSetTokens", () => {
  it("writes everything but TCP 80", () => {
    expect(portSetTokens(subtractPorts(ALL_PORTS, portRange("TCP", 80)))).toEqual([
      "TCP/1-79",
      "TCP/81-65535",
      "UDP/1-65535",
      "SCTP/1-65535",
      "other",
    ]);
  });

  it("writes everything as one word and nothing as none", () => {
    expect(portSetTokens(ALL_PORTS)).toEqual(["all"]);
    expect(portSetTokens(NO_PORTS)).toEqual([]);
  });

  it.each(["tcp/80", "TCP", "TCP/", "TCP/0", "TCP/65536", "TCP/9-8", "TCP/-1", "ICMP/1", "other/1", ""])(
    "does not write %j, which is refused",
    (token) => {
      expect(() => portSetFromTokens([token])).toThrow(RangeError);
    },
  );
});

describe("portRange", () => {
  it.each([
    [0, 1],
    [1, 65536],
    [2, 1],
    [Number.NaN, 1],
  ])("refuses %s-%s", (first, last) => {
    expect(() => portRange("TCP", first, last)).toThrow(RangeError);
  });

  it("spans a whole protocol", () => {
    expect(isWholeProtocol(wholeProtocol("UDP").UDP)).toBe(true);
    expect(isWholeProtocol(portRange("UDP", 1, 65534).UDP)).toBe(false);
    expect(portSetHas(wholeProtocol("UDP"), { protocol: "TCP", port: 1 })).toBe(false);
  });
});

describe("portsCovered", () => {
  const sets = [
    NO_PORTS,
    ALL_PORTS,
    OTHER_PROTOCOLS,
    portRange("TCP", 1, 100),
    portRange("TCP", 50, 200),
    portRange("TCP", 101, 200),
    portRange("UDP", 1, 200),
    wholeProtocol("TCP"),
    wholeProtocol("UDP"),
    wholeProtocol("SCTP"),
    portRange("TCP", 1, 200),
  ];

  it("says what the sum of the sets would", () => {
    let covered = 0;
    for (const inner of sets) {
      for (let chosen = 0; chosen < 2 ** sets.length; chosen++) {
        const outers = sets.filter((_, i) => (chosen & (1 << i)) !== 0);
        const isCovered = portsWithin(inner, outers.reduce(unionPorts, NO_PORTS));
        if (isCovered) covered++;
        if (portsCovered(inner, outers) !== isCovered)
          expect([inner.key, outers.map(({ key }) => key)]).toBe(isCovered);
      }
    }
    expect(covered).toBeGreaterThan(1000);
  });
});
