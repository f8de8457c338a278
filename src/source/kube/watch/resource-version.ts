/**
 * Orders resource versions of one kind of object; undefined if they are no numbers, as a server of another make may have
 * them. They may be compared since Kubernetes 1.35 (KEP-5504), and always were etcd's revisions before.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!/^[1-9]\d*$/.test(a) || !/^[1-9]\d*$/.test(b)) return undefined;
  // They may be larger than what a number holds.
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
