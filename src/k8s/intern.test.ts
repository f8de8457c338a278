import { describe, expect, it } from "vitest";
import { copyOf, intern, internLabels, internPorts } from "./intern.ts";

describe("intern", () => {
  it("gives back the same text, however many there are", () => {
    for (let i = 0; i < 50_000; i++) expect(intern(`text ${i}`)).toBe(`text ${i}`);
  });

  it("copies every text as it is", () => {
    for (const text of ["", 'a\u0000\n"\\', "é😀", "\ud800"]) expect(copyOf(text)).toBe(text);
  });
});

describe("internLabels", () => {
  it("gives equal labels as one object that nobody can change", () => {
    const one = internLabels({ app: "web", tier: "front" });
    expect(internLabels({ app: "web", tier: "front" })).toBe(one);
    expect(Object.isFrozen(one)).toBe(true);
  });

  it("tells labels apart", () => {
    const one = internLabels({ a: "b", c: "d" });
    expect(internLabels({ c: "d", a: "b" })).not.toBe(one);
    expect(internLabels({ a: "b" })).not.toBe(one);
    expect(internLabels({ a: "b\nc=d" })).not.toBe(one);
  });
});

describe("internPorts", () => {
  it("gives equal ports as one list that nobody can change", () => {
    const one = internPorts([{ name: "http", port: 80, protocol: "TCP" }]);
    expect(internPorts([{ name: "http", port: 80, protocol: "TCP" }])).toBe(one);
    expect(Object.isFrozen(one)).toBe(true);
  });

  it("tells ports apart", () => {
    const http = { name: "http", port: 80, protocol: "TCP" } as const;
    const web = { name: "web", port: 80, protocol: "TCP" } as const;
    const lists = [
      [],
      [http],
      [web],
      [http, web],
      [web, http],
      [{ port: 80, protocol: "TCP" } as const],
      [{ ...http, port: 81 }],
      [{ ...http, protocol: "UDP" } as const],
    ];
    expect(lists.map(internPorts)).toEqual(lists);
  });
});
