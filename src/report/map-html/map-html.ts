import type { Reachability } from "../../engine/reachability.ts";
import { countOf } from "../count.ts";
import type { MapGraph } from "../map-graph/graph.ts";
import { svgElement } from "../map-svg/map-svg.ts";
import { MAP_STYLE } from "../map-svg/style.ts";
import { xmlText } from "../map-svg/xml.ts";
import { pageData } from "./data.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** With more connections the page would take browsers too long. */
export const MOST_PAGE_CONNECTIONS = 300_000;

export interface PageParts {
  /** What the picture shows; undefined if there is none that could be read. */
  readonly graph: MapGraph | undefined;
  /** What is said about the map where it is not everything, or not enforced. */
  readonly notes: readonly string[];
  /** The script of the page, built from `page/main.ts`. */
  readonly script: string;
}

/**
 * The map as one file for a browser: the picture, a table to search, and who may come in to a workload and where it may
 * go. The page loads nothing and can send nothing: its policy allows its own script and style, by hash, and no more.
 */
export async function mapHtml(reach: Reachability, { graph, notes, script }: PageParts): Promise<string> {
  if (/<\/script|<!--/i.test(script)) throw new Error("the script of the page would end its own element");
  const style = `${PAGE_STYLE}${MAP_STYLE}`;
  const policy = [
    "default-src 'none'",
    `script-src ${await hashSource(script)}`,
    `style-src ${await hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who can reach whom</title>
<style>${style}</style>
</head>
<body>
<header>
<div><h1>Who can reach whom</h1>
<p class="soft">${xmlText(countsOf(reach))}</p></div>
<form id="filters" role="search">
<input id="words" type="search" placeholder="Search: names, kinds, ports" aria-label="Search names, kinds and ports" autocomplete="off">
<select id="group" aria-label="Namespace"><option value="">Every namespace</option></select>
<input id="port" placeholder="Port: 53/udp" aria-label="Port" autocomplete="off">
<button type="reset">Clear</button>
</form>
</header>
<main>
<div id="content">
${notes.map((note) => `<p class="soft">${xmlText(note)}</p>\n`).join("")}<noscript><p>The table needs the script of this page, which this browser does not run.</p></noscript>
${picture(graph)}
<section>
<div class="bar"><h2>Connections</h2><span class="soft" id="count" role="status"></span></div>
<table><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Ports</th></tr></thead><tbody id="rows"></tbody></table>
<button id="more" type="button" hidden>More</button>
</section>
</div>
<aside aria-live="polite"><p id="hint" class="soft">Choose a box of the picture or a name of the table to see who may come in there, and where it may go.</p><div id="details" hidden></div></aside>
</main>
<script type="application/json" id="data">${embeddedJson(pageData(reach))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function countsOf({ peers }: Reachability): string {
  const inside = peers.filter((peer) => peer.kind !== "external");
  const namespaces = new Set(inside.map((peer) => peer.workload.namespace)).size;
  const what = inside.some((peer) => peer.id !== peer.workload.id) ? "pod" : "workload";
  return `${countOf(inside.length, what)} in ${countOf(namespaces, "namespace")}`;
}

function picture(graph: MapGraph | undefined): string {
  if (graph === undefined) {
    return '<p class="soft">There is no picture: it would have more arrows than anybody can read.</p>';
  }
  return `<section>
<div class="bar"><h2>Picture</h2><button id="fit" type="button" aria-pressed="false">Fit to width</button></div>
<div id="picture" tabindex="-1">
${svgElement(graph, { isPart: true })}
</div>
</section>`;
}

/** JSON that no browser takes for markup or the end of a line. */
function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The text of an inline element, as a source of a Content-Security-Policy. */
async function hashSource(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`;
}
