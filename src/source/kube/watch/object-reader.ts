import { formatPosition } from "../../../k8s/location.ts";
import type { KubernetesObject } from "../../../k8s/objects.ts";
import { parseLive } from "../live-object.ts";
import type { KubeResource } from "../resource.ts";
import type { FollowProblem } from "./problem.ts";
import { idOf } from "./reflector.ts";
import type { RawObject } from "./watch-event.ts";

/** Reads objects that are no policies. One with an error is a problem of ours: the server had accepted it. */
export function objectReader(
  resource: KubeResource,
  context: string,
  onProblem: (problem: FollowProblem) => void,
): (object: RawObject) => KubernetesObject | undefined {
  return (object) => {
    const { objects, findings } = parseLive(object, resource, context);
    if (objects[0] !== undefined) return objects[0];
    const [first] = findings;
    const why = first === undefined ? "" : ` (${formatPosition(first.position)}: ${first.message})`;
    onProblem({
      resource,
      code: "object",
      message: `${resource.kind} ${idOf(object)} is not understood${why}; it stays as it was understood last, or is left out.`,
    });
    return undefined;
  };
}
