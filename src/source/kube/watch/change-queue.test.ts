import { expect, it } from "vitest";
import type { ClusterChange } from "../../../cluster/change.ts";
import { createChangeQueue } from "./change-queue.ts";

const gone = (id: string): ClusterChange => ({ kind: "pod-removed", id });

it("tells in order, and what waits before what does not", () => {
  const told: string[][] = [];
  let isWanted = false;
  const queue = createChangeQueue(
    () => isWanted,
    (changes, versions) =>
      told.push([
        ...changes.map((change) => (change as { id: string }).id),
        ...versions.map(({ policy }) => policy),
      ]),
  );
  queue.add([gone("nobody asks")], []);
  isWanted = true;
  queue.add([gone("a")], []);
  queue.add([gone("b")], [{ policy: "p", version: undefined }]);
  queue.tell([gone("c")], []);
  queue.flush();
  queue.tell([], []);
  queue.add([gone("d")], []);
  queue.flush();
  expect(told).toEqual([["a", "b", "c", "p"], ["d"]]);
});
