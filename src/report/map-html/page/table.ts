import type { PageData } from "../page-data.ts";
import { byId, element, peerButton } from "./dom.ts";

/** More rows make a page slow. */
const ROWS_AT_ONCE = 200;
/** On paper, which has no button for more. */
const MOST_PRINTED = 3000;

export interface Table {
  /** Shows these connections, places in the data. */
  show(connections: readonly number[]): void;
}

export function createTable(data: PageData, choose: (peer: number) => void): Table {
  const body = byId("rows", HTMLTableSectionElement);
  const count = byId("count", HTMLElement);
  const more = byId("more", HTMLButtonElement);
  let shown: readonly number[] = [];
  const total = data.connections.length / 4;
  const name = (peer: number): HTMLElement => {
    const { group, name: text, isOutside } = data.peers[peer]!;
    return peerButton(isOutside ? text : `${group}/${text}`, peer, choose);
  };
  const row = (i: number): HTMLTableRowElement => {
    const [from, to, set, family] = data.connections.slice(i, i + 4);
    const ports = data.ports[set!]!.text + (family === 0 ? "" : ` (IPv${family} only)`);
    return element(
      "tr",
      "",
      element("td", "", name(from!)),
      element("td", "", name(to!)),
      element("td", "ports", ports),
    );
  };
  const extend = (rows: number): void => {
    const have = body.rows.length;
    body.append(...shown.slice(have, have + rows).map(row));
    more.hidden = body.rows.length >= shown.length;
    const of = shown.length === total ? "" : ` of ${total.toLocaleString("en")}`;
    const part = more.hidden ? "" : `, the first ${body.rows.length.toLocaleString("en")} below`;
    count.textContent = `${shown.length.toLocaleString("en")}${of} ${total === 1 ? "connection" : "connections"}${part}`;
  };
  more.addEventListener("click", () => extend(ROWS_AT_ONCE));
  addEventListener("beforeprint", () => extend(MOST_PRINTED - body.rows.length));
  return {
    show: (connections) => {
      shown = connections;
      body.replaceChildren();
      extend(ROWS_AT_ONCE);
    },
  };
}
