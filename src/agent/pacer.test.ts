import { expect, it } from "vitest";
import { createPacer, type Pacer, type PacerClock } from "./pacer.ts";

/** A pacer whose clock only the test turns, and whose runs end when the test says so. */
function paced(): {
  readonly pacer: Pacer;
  readonly starts: readonly number[];
  readonly errors: readonly unknown[];
  turn(millis: number): void;
  end(error?: unknown): Promise<void>;
} {
  let time = 1000;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  const clock: PacerClock = {
    now: () => time,
    after: (millis, callback) => {
      const timer = { at: time + millis, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const starts: number[] = [];
  const errors: unknown[] = [];
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const run = (): Promise<void> => {
    starts.push(time);
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
  };
  return {
    pacer: createPacer({ run, gapMillis: 50, onError: (error) => errors.push(error), clock }),
    starts,
    errors,
    turn(millis) {
      time += millis;
      for (const timer of [...timers]) {
        if (timer.at > time) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
    async end(error) {
      if (error === undefined) settle!.resolve();
      else settle!.reject(error);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    },
  };
}

it("serves the first request at once", () => {
  const { pacer, starts } = paced();
  pacer.request();
  expect(starts).toEqual([1000]);
});

it("serves requests within the gap together, when it is over", async () => {
  const { pacer, starts, turn, end } = paced();
  pacer.request();
  await end();
  turn(10);
  pacer.request();
  pacer.request();
  expect(starts).toEqual([1000]);
  turn(39);
  expect(starts).toEqual([1000]);
  turn(1);
  expect(starts).toEqual([1000, 1050]);
});

it("serves requests during a run by one more, after the gap", async () => {
  const { pacer, starts, turn, end } = paced();
  pacer.request();
  turn(10);
  pacer.request();
  await end();
  expect(starts).toEqual([1000]);
  turn(40);
  expect(starts).toEqual([1000, 1050]);
});

it("does not wait for the gap again after a long run", async () => {
  const { pacer, starts, turn, end } = paced();
  pacer.request();
  turn(200);
  pacer.request();
  expect(starts).toEqual([1000]);
  await end();
  expect(starts).toEqual([1000, 1200]);
});

it("tells of a run that fails, and goes on", async () => {
  const { pacer, starts, errors, turn, end } = paced();
  pacer.request();
  await end("broken");
  expect(errors).toEqual(["broken"]);
  turn(50);
  pacer.request();
  expect(starts).toEqual([1000, 1050]);
});

it("begins nothing after its end", async () => {
  const { pacer, starts, turn, end } = paced();
  pacer.request();
  pacer.request();
  const closed = pacer.close();
  await end();
  await closed;
  pacer.request();
  turn(100);
  expect(starts).toEqual([1000]);
});
