import { describe, expect, it } from "vitest";
import { ALL_PORTS, portSetFromTokens } from "../../net/port-set.ts";
import { portMatches } from "./port-match.ts";

const matchesOf = (...tokens: string[]): readonly string[] => portMatches(portSetFromTokens(tokens)).matches;

describe("portMatches", () => {
  it("asks nothing of a packet where all may pass", () => {
    expect(portMatches(ALL_PORTS)).toEqual({ matches: [""], sets: [] });
  });

  it.each([
    [["TCP/3306"], ["tcp dport 3306"]],
    [["UDP/1-53"], ["udp dport 1-53"]],
    [["SCTP/1-65535"], ["meta l4proto sctp"]],
    [["other"], ["meta l4proto != { tcp, udp, sctp }"]],
    [
      ["TCP/80", "other"],
      ["tcp dport 80", "meta l4proto != { tcp, udp, sctp }"],
    ],
  ])("%j needs no set", (tokens, matches) => {
    expect(portMatches(portSetFromTokens(tokens))).toEqual({ matches, sets: [] });
  });

  it("names a set for what is more than one range; a whole protocol in it includes port 0", () => {
    const { matches, sets } = portMatches(portSetFromTokens(["TCP/80", "TCP/443-445", "UDP/1-65535"]));
    expect(sets.map(({ elements }) => [...elements.keys()])).toEqual([
      ["tcp . 80", "tcp . 443-445", "udp . 0-65535"],
    ]);
    expect(matches).toEqual([`meta l4proto . th dport @${sets[0]!.name}`]);
  });

  it("shares one set between equal ports, whether or not other protocols may pass too", () => {
    const ports = ["TCP/80", "TCP/443"];
    expect(matchesOf(...ports, "other")).toEqual([
      ...matchesOf(...ports),
      "meta l4proto != { tcp, udp, sctp }",
    ]);
  });
});
