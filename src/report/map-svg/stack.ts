/** A box, or a slot through which arrows pass between boxes, in a cell of the picture: a lane and a column. */
export interface Item {
  readonly lane: number;
  /** Until it is stacked, -1 for a box that may be in any column. */
  column: number;
  readonly height: number;
  readonly isSlot: boolean;
  /** What arrows lead to next, in both directions. */
  readonly neighbours: Item[];
  /** The upper edge. */
  y: number;
}

export interface StackedLane {
  readonly y: number;
  readonly height: number;
}

const HEADER = 30;
const BOTTOM = 16;
const GAP = 12;
/** A slot needs less room around it. */
const SLOT_GAP = 4;
const LANE_GAP = 14;
const SWEEPS = 8;

/** Gives each item its column and `y`, so that nothing overlaps and arrows between neighbours are short and cross little. */
export function stackItems(
  items: readonly Item[],
  laneCount: number,
  columnCount: number,
  hasHeaders: boolean,
): StackedLane[] {
  const cells: Item[][][] = Array.from({ length: laneCount }, () =>
    Array.from({ length: columnCount }, () => []),
  );
  for (const item of items) if (item.column >= 0) cells[item.lane]![item.column]!.push(item);
  for (const item of items) {
    if (item.column >= 0) continue;
    const lane = cells[item.lane]!;
    const heights = lane.map(heightOf);
    item.column = heights.indexOf(Math.min(...heights));
    lane[item.column]!.push(item);
  }
  let y = 0;
  const lanes = cells.map((lane): StackedLane => {
    const height = (hasHeaders ? HEADER : 0) + Math.max(...lane.map(heightOf)) + (hasHeaders ? BOTTOM : 0);
    const stacked = { y, height };
    y += height + LANE_GAP;
    return stacked;
  });
  const tops = lanes.map((lane) => lane.y + (hasHeaders ? HEADER : 0));
  for (const [rank, lane] of cells.entries()) for (const cell of lane) stack(cell, tops[rank]!);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const columns = Array.from({ length: columnCount }, (_, i) =>
      sweep % 2 === 0 ? i : columnCount - 1 - i,
    );
    for (const column of columns) {
      for (const [rank, lane] of cells.entries()) {
        const cell = lane[column]!;
        sortByNeighbours(cell);
        stack(cell, tops[rank]!);
      }
    }
  }
  // Where a column has room to spare, its items come nearer to what they are connected with.
  for (let sweep = 0; sweep < 2; sweep++) {
    for (const [rank, lane] of cells.entries()) {
      const bottom = lanes[rank]!.y + lanes[rank]!.height - (hasHeaders ? BOTTOM : 0);
      for (const cell of lane) moveTowardsNeighbours(cell, tops[rank]!, bottom);
    }
  }
  return lanes;
}

function gapBetween(a: Item, b: Item): number {
  return a.isSlot && b.isSlot ? SLOT_GAP : GAP;
}

function heightOf(cell: readonly Item[]): number {
  // Gaps depend on the order, which is not final: the widest are counted.
  return cell.reduce((sum, item, i) => sum + item.height + (i > 0 ? GAP : 0), 0);
}

function stack(cell: readonly Item[], top: number): void {
  let y = top;
  for (const [i, item] of cell.entries()) {
    if (i > 0) y += gapBetween(cell[i - 1]!, item);
    item.y = y;
    y += item.height;
  }
}

/** Items that are connected with nothing come last, as they were. */
function sortByNeighbours(cell: Item[]): void {
  if (cell.length < 2) return;
  const keys = new Map(cell.map((item, place) => [item, { wish: wishOf(item), place }]));
  cell.sort((a, b) => {
    const [left, right] = [keys.get(a)!, keys.get(b)!];
    return (left.wish ?? Number.MAX_VALUE) - (right.wish ?? Number.MAX_VALUE) || left.place - right.place;
  });
}

/** The middle of what an item is connected with; undefined without connections. */
function wishOf({ neighbours }: Item): number | undefined {
  if (neighbours.length === 0) return undefined;
  return neighbours.reduce((sum, { y, height }) => sum + y + height / 2, 0) / neighbours.length;
}

function moveTowardsNeighbours(cell: readonly Item[], top: number, bottom: number): void {
  const limits: number[] = [];
  let limit = bottom;
  for (let i = cell.length - 1; i >= 0; i--) {
    limit -= cell[i]!.height;
    limits[i] = limit;
    if (i > 0) limit -= gapBetween(cell[i - 1]!, cell[i]!);
  }
  let least = top;
  for (const [i, item] of cell.entries()) {
    const wish = wishOf(item);
    const wished = wish === undefined ? least : wish - item.height / 2;
    item.y = Math.min(limits[i]!, Math.max(least, wished));
    const next = cell[i + 1];
    if (next !== undefined) least = item.y + item.height + gapBetween(item, next);
  }
}
