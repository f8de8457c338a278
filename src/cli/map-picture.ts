import type { Reachability } from "../engine/reachability.ts";
import { mapDot } from "../report/map-dot.ts";
import { type GraphOptions, mapGraph } from "../report/map-graph/map-graph.ts";
import { mapMermaid } from "../report/map-mermaid.ts";
import { mapSvg } from "../report/map-svg/map-svg.ts";
import type { Picture } from "./map-picture-format.ts";

/** The map as a picture. */
export async function drawPicture(
  picture: Picture,
  reach: Reachability,
  options: GraphOptions,
): Promise<string> {
  const graph = mapGraph(reach, options);
  switch (picture) {
    case "dot":
      return mapDot(graph);
    case "mermaid":
      return mapMermaid(graph);
    case "svg":
      return mapSvg(graph);
  }
}
