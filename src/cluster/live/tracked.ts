import { sameContent } from "../same-content.ts";

/** Values by key that remember what they were, so that only real differences are told. */
export interface Tracked<T> {
  readonly values: ReadonlyMap<string, T>;
  /** Sets a value, or takes it away. One of the same content as before is not taken: the object that was there stays. */
  put(key: string, value: T | undefined): void;
  /** What is another value than at the last call, or none any more; in the order in which it was first put. */
  takeChanges(): [key: string, value: T | undefined][];
}

/** `known` may have equal values already, of which the very objects are then used. */
export function createTracked<T extends object>(known: (key: string) => T | undefined): Tracked<T> {
  const values = new Map<string, T>();
  /** The values at the last call of `takeChanges`, of the keys that were put since. */
  const before = new Map<string, T | undefined>();

  const adopted = (key: string, value: T): T => {
    const equal = known(key);
    return equal !== undefined && sameContent(equal, value) ? equal : value;
  };

  return {
    values,
    put: (key, value) => {
      const current = values.get(key);
      if (sameContent(current, value)) return;
      if (!before.has(key)) before.set(key, current);
      if (value === undefined) values.delete(key);
      else values.set(key, adopted(key, value));
    },
    takeChanges: () => {
      const changes: [string, T | undefined][] = [];
      for (const [key, old] of before) {
        const value = values.get(key);
        if (!sameContent(old, value)) changes.push([key, value]);
        else if (old !== undefined) values.set(key, old);
      }
      before.clear();
      return changes;
    },
  };
}
