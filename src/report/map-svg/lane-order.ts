/**
 * An order of lanes in which arrows between them are short: those that have any first, the others as they came. Takes
 * the number of lanes, and the arrows as pairs of them. Returns the numbers of the lanes from top to bottom.
 */
export function orderLanes(
  count: number,
  arrows: readonly (readonly [from: number, to: number])[],
): number[] {
  const weights = new Map<string, { readonly a: number; readonly b: number; weight: number }>();
  for (const [from, to] of arrows) {
    if (from === to) continue;
    const [a, b] = from < to ? [from, to] : [to, from];
    const known = weights.get(`${a} ${b}`);
    if (known === undefined) weights.set(`${a} ${b}`, { a, b, weight: 1 });
    else known.weight++;
  }
  const links = [...weights.values()];
  const linked = new Set(links.flatMap(({ a, b }) => [a, b]));
  const all = Array.from({ length: count }, (_, lane) => lane);
  const rest = all.filter((lane) => !linked.has(lane));
  let order = all.filter((lane) => linked.has(lane));
  const costOf = (lanes: readonly number[]): number => {
    const places: number[] = [];
    for (const [place, lane] of lanes.entries()) places[lane] = place;
    return links.reduce((sum, { a, b, weight }) => sum + weight * Math.abs(places[a]! - places[b]!), 0);
  };
  let cost = costOf(order);
  // Moves one lane at a time for as long as that helps; a few rounds are enough.
  for (let round = 0, isBetter = true; isBetter && round < 4; round++) {
    isBetter = false;
    for (const lane of [...order]) {
      const others = order.filter((each) => each !== lane);
      for (let place = 0; place <= others.length; place++) {
        const candidate = [...others.slice(0, place), lane, ...others.slice(place)];
        const candidateCost = costOf(candidate);
        if (candidateCost >= cost) continue;
        [order, cost, isBetter] = [candidate, candidateCost, true];
      }
    }
  }
  return [...order, ...rest];
}
