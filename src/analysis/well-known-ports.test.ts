import { expect, it } from "vitest";
import { ALL_PORTS, NO_PORTS, portRange } from "../net/port-set.ts";
import { WELL_KNOWN_PORTS, wellKnownPort, wellKnownPortsIn } from "./well-known-ports.ts";

it("has each port once, in order", () => {
  const keys = WELL_KNOWN_PORTS.map(({ port, protocol }) => `${port}/${protocol}`);
  expect(new Set(keys).size).toBe(keys.length);
  const ports = WELL_KNOWN_PORTS.map(({ port }) => port);
  expect(ports).toEqual([...ports].sort((a, b) => a - b));
});

it("finds those of a set, and of their protocol only", () => {
  expect(wellKnownPortsIn(ALL_PORTS)).toEqual(WELL_KNOWN_PORTS);
  expect(wellKnownPortsIn(NO_PORTS)).toEqual([]);
  expect(wellKnownPortsIn(portRange("TCP", 5000, 6000)).map(({ port }) => port)).toEqual([
    5005, 5432, 5671, 5672, 5900, 5984,
  ]);
  expect(wellKnownPortsIn(portRange("UDP", 5432))).toEqual([]);
  expect(wellKnownPort("TCP", 5432)?.name).toBe("PostgreSQL");
  expect(wellKnownPort("UDP", 5432)).toBeUndefined();
});
