import { readFileSync } from "node:fs";
import type { Reachability } from "../engine/reachability.ts";
import { mapDot } from "../report/map-dot.ts";
import type { MapGraph } from "../report/map-graph/graph.ts";
import { type GraphOptions, mapGraph } from "../report/map-graph/map-graph.ts";
import { isSmall, readableGraph } from "../report/map-graph/namespaces.ts";
import { MOST_PAGE_CONNECTIONS, mapHtml } from "../report/map-html/map-html.ts";
import { LONGEST_MERMAID, mapMermaid } from "../report/map-mermaid.ts";
import { mapSvg } from "../report/map-svg/map-svg.ts";
import type { Picture } from "./map-picture-format.ts";
import { UsageError } from "./usage-error.ts";

/** Every pair of peers is looked at. */
const MOST_PEERS = 5000;

/** The map as a picture. One that nobody could read shows namespaces, or is refused with the way to a smaller one. */
export async function drawPicture(
  picture: Picture,
  reach: Reachability,
  options: GraphOptions,
): Promise<string> {
  const { length } = options.asked?.peers ?? reach.peers;
  if (length > MOST_PEERS) throw tooLarge(picture, `${length.toLocaleString("en")} boxes`);
  const graph = mapGraph(reach, options);
  switch (picture) {
    case "dot":
      return mapDot(readable(graph, picture));
    case "mermaid":
      return mapMermaid(
        readable(graph, picture, (each) => isSmall(each) && mapMermaid(each).length <= LONGEST_MERMAID),
      );
    case "svg":
      return mapSvg(readable(graph, picture));
    case "html":
      return page(reach, graph);
  }
}

/** The table has all that the picture would have, so that the page needs none. */
async function page(reach: Reachability, graph: MapGraph): Promise<string> {
  const { length } = reach.connections;
  if (length > MOST_PAGE_CONNECTIONS) {
    const what = `the page would have ${length.toLocaleString("en")} connections, more than browsers search in good time`;
    throw new UsageError(`-o html: ${what}. ${ASK_FOR_LESS}`);
  }
  const shown = readableGraph(graph);
  const notes = shown === undefined ? graph.notes : shown === graph ? [] : shown.notes.slice(0, 1);
  return mapHtml(reach, { graph: shown, notes, script: pageScript() });
}

/** What the build made of src/report/map-html/page. */
function pageScript(): string {
  const here = import.meta.url;
  return readFileSync(
    new URL(here.endsWith(".ts") ? "../../dist/map-page.js" : "./map-page.js", here),
    "utf8",
  );
}

function readable(graph: MapGraph, picture: Picture, isReadable?: (graph: MapGraph) => boolean): MapGraph {
  const found = readableGraph(graph, isReadable);
  if (found === undefined) {
    throw tooLarge(
      picture,
      `${graph.arrows.length.toLocaleString("en")} arrows, too many even between namespaces`,
    );
  }
  return found;
}

function tooLarge(picture: Picture, what: string): UsageError {
  return new UsageError(
    `-o ${picture}: the picture would have ${what}; nobody could read it. ${ASK_FOR_LESS}`,
  );
}

const ASK_FOR_LESS = "Ask for less with --namespace, --from, --to or --port, or for all of it with -o json";
