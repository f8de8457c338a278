import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BridgeProblem } from "../linux/bridge.ts";
import { startBridgeWatch } from "./bridge-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (message: string): BridgeProblem => ({
  code: "br-netfilter-off",
  bridges: [],
  families: [4],
  message,
});

it("notices a bridge that comes later, tells of it once, and when it is well again", () => {
  let found: BridgeProblem | undefined;
  const told: string[] = [];
  const watch = startBridgeWatch({
    look: () => found,
    onProblem: ({ message }) => told.push(message),
    onError: (error) => told.push(String(error)),
    everyMillis: 10,
  });
  expect(watch.problem).toBeUndefined();
  found = open("cni0");
  vi.advanceTimersByTime(30);
  expect(told).toEqual(["cni0"]);
  found = open("cni0 and cni1");
  vi.advanceTimersByTime(10);
  expect(told).toEqual(["cni0", "cni0 and cni1"]);
  found = undefined;
  vi.advanceTimersByTime(10);
  expect(watch.problem).toBeUndefined();
  watch.close();
  found = open("cni0");
  vi.advanceTimersByTime(100);
  expect(told).toHaveLength(2);
});

it("goes on when it cannot look", () => {
  const errors: unknown[] = [];
  const watch = startBridgeWatch({
    look: () => {
      throw new Error("no links");
    },
    onProblem: () => undefined,
    onError: (error) => errors.push(error),
    everyMillis: 10,
  });
  vi.advanceTimersByTime(10);
  expect(errors).toHaveLength(2);
  watch.close();
});
