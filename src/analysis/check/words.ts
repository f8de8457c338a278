import type { ClusterPod } from "../../cluster/cluster.ts";

/** `1 pod`, `7 pods`, `no pods`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  if (count === 0) return `no ${plural}`;
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`, `a, b and 4 more`. */
export function listOf(names: readonly string[], most = 3, conjunction = "and"): string {
  if (names.length <= 1) return names[0] ?? "";
  if (names.length <= most) return `${names.slice(0, -1).join(", ")} ${conjunction} ${names.at(-1)}`;
  return `${names.slice(0, most).join(", ")} ${conjunction} ${names.length - most} more`;
}

/** Pods by their workloads: `shop/db`, `shop/api and shop/web`. */
export function workloadsOf(pods: readonly ClusterPod[], most = 3): string {
  // `shop/db[StatefulSet]` as people say it.
  const names = new Set(pods.map(({ workload }) => workload.replace(/\[.*$/, "")));
  return listOf([...names], most);
}
