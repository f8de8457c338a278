// The script of the page that `podwall map -o html` writes. It only reads what is in the page.
import type { PageData } from "../page-data.ts";
import { createDetails } from "./details.ts";
import { byId, element } from "./dom.ts";
import { matching, parsePort } from "./filter.ts";
import { createPicture } from "./picture.ts";
import { createTable } from "./table.ts";

const data = JSON.parse(byId("data", HTMLScriptElement).textContent ?? "") as PageData;
const words = byId("words", HTMLInputElement);
const group = byId("group", HTMLSelectElement);
const port = byId("port", HTMLInputElement);

function choose(peer: number | undefined): void {
  details.show(peer);
  picture.mark(peer);
}

function chooseGroup(name: string): void {
  group.value = name;
  filter();
}

const table = createTable(data, choose);
const details = createDetails(data, choose);
const picture = createPicture(data, choose, chooseGroup);

function filter(): void {
  const wish = { words: words.value, group: group.value, port: port.value };
  port.setCustomValidity(
    port.value.trim() === "" || parsePort(port.value) !== undefined
      ? ""
      : "A number from 1 to 65535, or 53/UDP",
  );
  const found = matching(data, wish);
  table.show(found);
  if (found.length * 4 === data.connections.length) {
    picture.highlight(undefined);
    return;
  }
  const ends = new Set<number>();
  for (const i of found) ends.add(data.connections[i]!).add(data.connections[i + 1]!);
  picture.highlight(ends);
}

group.append(
  ...[...new Set(data.peers.map((peer) => peer.group))].map((name) => {
    const option = element("option", "", name);
    option.value = name;
    return option;
  }),
);
for (const field of [words, group, port]) field.addEventListener("input", filter);
byId("filters", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
byId("filters", HTMLFormElement).addEventListener("reset", () => {
  // The fields are emptied after this event.
  setTimeout(filter);
  choose(undefined);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") choose(undefined);
  else if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
    event.preventDefault();
    words.focus();
  }
});
const fit = document.getElementById("fit");
if (fit !== null) {
  const picture = byId("picture", HTMLElement);
  const setFitted = (isFitted: boolean): void => {
    picture.classList.toggle("fitted", isFitted);
    fit.setAttribute("aria-pressed", String(isFitted));
  };
  // A picture that is wider than its place would begin cut off, and nobody would know what is missing.
  setFitted(picture.scrollWidth > picture.clientWidth);
  fit.addEventListener("click", () => setFitted(!picture.classList.contains("fitted")));
}
filter();
