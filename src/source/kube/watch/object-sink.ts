import { isMapping } from "../../../k8s/check.ts";
import type { KubeResource } from "../resource.ts";
import { type FollowProblem, tell } from "./problem.ts";
import type { RawObject } from "./watch-event.ts";

/** Where the objects of one resource go, one by one, so that never more than one of them need be held as it came. */
export interface ObjectSink {
  /** An object that is new, different, or told again. What is to be kept of it must be taken at once. */
  set(object: RawObject): void;
  /** See {@link idOf}. */
  remove(id: string): void;
  /** All others are gone: the end of a list. */
  keepOnly(ids: ReadonlySet<string>): void;
  /** A list begins: what changes by it is to be told at its end, in one. */
  hold(): void;
  /** A list has ended, or broke off: what has changed is to be told now. */
  release(): void;
}

/** `namespace/name`, or the name alone of an object that is in no namespace. */
export function idOf({ metadata }: RawObject): string {
  const { namespace, name } = isMapping(metadata) ? metadata : {};
  return typeof namespace === "string" ? `${namespace}/${String(name)}` : String(name);
}

/** A sink that never throws: what goes wrong in there is reported, and does not keep out what comes after it. */
export function guardedSink(
  resource: KubeResource,
  sink: ObjectSink,
  onProblem: (problem: FollowProblem) => void,
): ObjectSink {
  const guarded = (what: string, call: () => void): void => tell(what, call, onProblem);
  return {
    set: (object) => guarded(`${resource.kind} ${idOf(object)}`, () => sink.set(object)),
    remove: (id) => guarded(`the end of ${resource.kind} ${id}`, () => sink.remove(id)),
    keepOnly: (ids) => guarded(`a list of ${resource.plural}`, () => sink.keepOnly(ids)),
    hold: () => guarded(`a list of ${resource.plural}`, () => sink.hold()),
    release: () => guarded(`a list of ${resource.plural}`, () => sink.release()),
  };
}
