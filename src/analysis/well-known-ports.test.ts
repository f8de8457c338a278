import { describe, expect, it } from "vitest";
import { WELL_KNOWN_PORTS, wellKnownPort } from "./well-known-ports.ts";

describe("wellKnownPort", () => {
  it("knows what listens on a port of a protocol", () => {
    expect(wellKnownPort("TCP", 5432)).toEqual({
      protocol: "TCP",
      port: 5432,
      name: "PostgreSQL",
      kind: "database",
    });
    expect(wellKnownPort("UDP", 5432)).toBeUndefined();
    expect(wellKnownPort("TCP", 8080)).toBeUndefined();
  });

  it("lists each port once", () => {
    const keys = WELL_KNOWN_PORTS.map(({ protocol, port }) => `${protocol} ${port}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
