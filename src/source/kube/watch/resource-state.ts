import type { KubeContext } from "../context.ts";
import type { KubeError } from "../kube-error.ts";
import type { KubeResource } from "../resource.ts";
import type { ResourceStatus } from "../source-status.ts";
import { helpOf } from "./watch-rights.ts";

/** How a resource is being followed: written by who follows it, read by whoever asks. */
export interface ResourceState {
  status(): ResourceStatus;
  objects(): number;
  /** Something came from the server. */
  heard(): void;
  listing(): void;
  /** All objects have been read: so many. */
  listed(objects: number): void;
  /** A watch stands. */
  watching(): void;
  waiting(error: KubeError): void;
  absent(): void;
  /** One more object, or (-1) one less. */
  count(difference: 1 | -1): void;
}

export function createResourceState(resource: KubeResource, context: KubeContext): ResourceState {
  let state: ResourceStatus["state"] = "listing";
  let objects = 0;
  let lists = 0;
  let watches = 0;
  let lastHeard: number | undefined;
  let trouble: KubeError | undefined;
  /** True at first, and from when the server could not be reached: until something has come. */
  let wasAway = true;

  const well = (): void => {
    trouble = undefined;
    wasAway = false;
  };

  return {
    status: () => {
      const help = trouble && helpOf(trouble, resource, context, wasAway);
      return {
        resource: resource.plural,
        state,
        objects,
        ...(lastHeard === undefined ? {} : { lastHeard: new Date(lastHeard).toISOString() }),
        ...(trouble === undefined ? {} : { error: trouble.message }),
        ...(help === undefined ? {} : { help }),
        lists,
        watches,
      };
    },
    objects: () => objects,
    heard() {
      lastHeard = Date.now();
    },
    listing() {
      // What was wrong stays to be seen until something has come.
      if (trouble === undefined) state = "listing";
    },
    listed(count) {
      objects = count;
      lists++;
      well();
      state = "listing";
    },
    watching() {
      watches++;
      well();
      state = "watching";
    },
    waiting(error) {
      trouble = error;
      if (error.code === "unreachable") wasAway = true;
      state = "waiting";
    },
    absent() {
      well();
      objects = 0;
      state = "absent";
    },
    count(difference) {
      objects += difference;
    },
  };
}
