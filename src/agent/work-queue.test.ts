import { expect, it } from "vitest";
import type { ClusterChange } from "../cluster/change.ts";
import { createWorkQueue } from "./work-queue.ts";

const change = (id: string): ClusterChange => ({ kind: "pod-removed", id });

it("gives out what was added, once, in order", () => {
  const queue = createWorkQueue(() => 0);
  queue.add([change("a"), change("b")]);
  queue.add([change("c")]);
  expect(queue.untaken).toBe(3);
  expect(queue.take()).toEqual([change("a"), change("b"), change("c")]);
  expect(queue.take()).toEqual([]);
  expect(queue.untaken).toBe(0);
});

it("counts the lag from the oldest change that is not in force, taken or not", () => {
  let time = 100;
  const queue = createWorkQueue(() => time);
  expect(queue.lagMillis()).toBe(0);
  queue.add([change("a")]);
  time = 130;
  queue.take();
  queue.add([change("b")]);
  time = 150;
  expect(queue.lagMillis()).toBe(50);
  queue.done();
  expect(queue.lagMillis()).toBe(20);
  queue.take();
  queue.done();
  expect(queue.lagMillis()).toBe(0);
});

it("goes on counting from a change whose work failed", () => {
  let time = 100;
  const queue = createWorkQueue(() => time);
  queue.add([change("a")]);
  queue.take();
  time = 200;
  queue.add([change("b")]);
  queue.take();
  time = 300;
  expect(queue.lagMillis()).toBe(200);
});
