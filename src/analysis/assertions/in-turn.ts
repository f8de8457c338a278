/** The first of each, then the second of each, and so on, as long as there are any. */
export function* inTurn<T>(all: Iterable<Iterable<T>>): Generator<T> {
  let open = [...all].map((each) => each[Symbol.iterator]());
  while (open.length > 0) {
    const left: Iterator<T>[] = [];
    for (const each of open) {
      const next = each.next();
      if (next.done === true) continue;
      yield next.value;
      left.push(each);
    }
    open = left;
  }
}
