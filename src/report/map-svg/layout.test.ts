import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portRange } from "../../net/port-set.ts";
import type { GraphGroup, GraphNode, MapGraph } from "../map-graph/graph.ts";
import { arrowText } from "../map-graph/words.ts";
import { type Layout, layOut, type PlacedBox } from "./layout.ts";

/** Graphs of up to four groups, with arrows in every direction, also in circles and from a box to itself. */
const graphs: fc.Arbitrary<MapGraph> = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
    lines: fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    arrows: fc.array(fc.tuple(fc.nat(23), fc.nat(23), fc.integer({ min: 1, max: 3 })), { maxLength: 30 }),
    isOfNamespaces: fc.boolean(),
  })
  .map(({ sizes, lines, arrows, isOfNamespaces }) => {
    const groups = sizes.map((size, g): GraphGroup => {
      const nodes = Array.from({ length: size }, (_, n): GraphNode => {
        const text = Array.from({ length: lines.next().value }, (_, i) => `line ${i}`);
        return {
          id: `${g}/${n}`,
          title: `box ${n}`,
          detail: "Pod",
          state: "open",
          statements: [],
          lines: text,
        };
      });
      return { id: `group ${g}`, title: `group ${g}`, nodes };
    });
    const ids = groups.flatMap(({ nodes }) => nodes.map(({ id }) => id));
    return {
      of: isOfNamespaces ? "namespaces" : "workloads",
      groups,
      arrows: arrows
        .map(([from, to, port]) => ({
          from: ids[from % ids.length]!,
          to: ids[to % ids.length]!,
          ports: portRange("TCP", port),
          connections: 1,
        }))
        .filter(({ from, to }) => from !== to),
      aside: [],
      notes: [],
    };
  });

describe("the layout", () => {
  it("keeps boxes apart, within their lanes and within the picture", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { boxes, lanes, width, height } = layOut(graph);
        for (const [i, a] of boxes.entries()) {
          expect(a.x).toBeGreaterThanOrEqual(0);
          expect(right(a)).toBeLessThanOrEqual(width);
          expect(bottom(a)).toBeLessThanOrEqual(height);
          expect(a.width).toBeGreaterThanOrEqual(a.box.width);
          const lane = lanes.find(({ group }) => group === a.box.group);
          expect(lane === undefined).toBe(graph.of === "namespaces");
          if (lane !== undefined) {
            expect(a.y).toBeGreaterThan(lane.y);
            expect(bottom(a)).toBeLessThan(lane.y + lane.height);
          }
          for (const b of boxes.slice(i + 1))
            expect(overlaps(a, b), `${a.box.title} ${b.box.title}`).toBe(false);
        }
      }),
    );
  });

  it("leads each arrow from its box to the door of its ports, and across no box", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const layout = layOut(graph);
        expect(layout.routes).toHaveLength(graph.arrows.length);
        for (const { arrow, path } of layout.routes) {
          const points = pointsOf(path);
          const from = boxWith(layout, arrow.from);
          const to = boxWith(layout, arrow.to);
          const [first, last] = [points[0]!, points.at(-1)!];
          expect(first.x).toBeCloseTo(right(from), 0);
          expect(first.y).toBeGreaterThan(from.y);
          expect(first.y).toBeLessThan(bottom(from));
          const door = to.box.lines.find((line) => line.door === arrowText(arrow))!;
          expect(last.x).toBeCloseTo(to.x, 0);
          expect(last.y).toBeCloseTo(to.y + door.y, 0);
          for (const point of points) {
            const hit = layout.boxes.find((box) => isInside(point, box));
            expect(hit?.box.node.id, `${arrow.from} to ${arrow.to}: ${path}`).toBeUndefined();
            expect(point.x).toBeGreaterThanOrEqual(0);
            expect(point.x).toBeLessThanOrEqual(layout.width);
          }
        }
      }),
    );
  });
});

function right({ x, width }: PlacedBox): number {
  return x + width;
}

function bottom({ y, box }: PlacedBox): number {
  return y + box.height;
}

function overlaps(a: PlacedBox, b: PlacedBox): boolean {
  return a.x < right(b) && b.x < right(a) && a.y < bottom(b) && b.y < bottom(a);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function isInside({ x, y }: Point, box: PlacedBox): boolean {
  return x > box.x + 1 && x < right(box) - 1 && y > box.y + 1 && y < bottom(box) - 1;
}

function boxWith({ boxes }: Layout, id: string): PlacedBox {
  return boxes.find(({ box }) => box.node.id === id)!;
}

/** Points all along a path of the commands M, H and C. */
function pointsOf(path: string): Point[] {
  const points: Point[] = [];
  for (const [, command, text] of path.matchAll(/([MHC])([^MHC]*)/g)) {
    const numbers = text!.trim().split(/\s+/).map(Number);
    const { x, y } = points.at(-1) ?? { x: 0, y: 0 };
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
    if (command === "M") points.push({ x: a, y: b });
    else {
      for (let i = 1; i <= 24; i++) {
        const t = i / 24;
        const s = 1 - t;
        if (command === "H") points.push({ x: s * x + t * a, y });
        else {
          points.push({
            x: s ** 3 * x + 3 * s * s * t * a + 3 * s * t * t * c + t ** 3 * e,
            y: s ** 3 * y + 3 * s * s * t * b + 3 * s * t * t * d + t ** 3 * f,
          });
        }
      }
    }
  }
  return points;
}
