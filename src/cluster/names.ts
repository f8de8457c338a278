/** Orders names as people count: `db-2` before `db-10`. Total: different names never compare equal. */
export function compareNames(a: string, b: string): number {
  const partsA = a.split(/(\d+)/);
  const partsB = b.split(/(\d+)/);
  for (let i = 0; i < partsA.length && i < partsB.length; i++) {
    const partA = partsA[i]!;
    const partB = partsB[i]!;
    if (partA === partB) continue;
    if (i % 2 === 1) {
      const difference = Number(partA) - Number(partB);
      if (difference !== 0) return difference;
    }
    return partA < partB ? -1 : 1;
  }
  return partsA.length - partsB.length;
}
