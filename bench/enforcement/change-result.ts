/** What is measured of changes, in the order in which it is shown. */
export const CHANGE_TITLES = {
  remotePodComes: "one remote pod comes: event to enforced",
  remotePodGoes: "one remote pod goes: event to enforced",
  tenPods: "one policy of ten local pods changes: event to enforced",
  burst: "burst of 1,000 pod changes: first event to all enforced",
  coldStart: "cold start, 100,000 pods: process start to enforced",
  coldReading: "- of it reading: JSON pages on disk to objects",
  coldRest: "- of it the rest: Node itself, cluster, engine, rules in the kernel",
  coldPeak: "- peak memory of that process",
} as const;

export type ChangeName = keyof typeof CHANGE_TITLES;
