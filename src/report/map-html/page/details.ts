import type { PageData } from "../page-data.ts";
import { byId, element, peerButton } from "./dom.ts";

/** With more names than this, a list is folded. */
const MOST_NAMES = 12;

export interface Details {
  /** Tells who may come in to a peer and where it may go; nothing about undefined. */
  show(peer: number | undefined): void;
}

export function createDetails(data: PageData, choose: (peer: number | undefined) => void): Details {
  const panel = byId("details", HTMLElement);
  const hint = byId("hint", HTMLElement);

  const side = (peer: number, own: 0 | 1): HTMLElement[] => {
    const groups = new Map<string, number[]>();
    for (let i = 0; i < data.connections.length; i += 4) {
      if (data.connections[i + own] !== peer) continue;
      const [set, family] = [data.connections[i + 2]!, data.connections[i + 3]!];
      const text = data.ports[set]!.text + (family === 0 ? "" : ` (IPv${family} only)`);
      const known = groups.get(text);
      if (known === undefined) groups.set(text, [data.connections[i + 1 - own]!]);
      else known.push(data.connections[i + 1 - own]!);
    }
    const { fromEveryone, toEveryone } = data.peers[peer]!;
    const everyone = own === 1 ? fromEveryone : toEveryone;
    const parts: HTMLElement[] = [];
    if (everyone === true) parts.push(element("p", "everyone", "Everyone, on every port."));
    if (groups.size === 0) parts.push(element("p", "soft", "Nobody."));
    const byPort = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
      a.localeCompare(b, "en", { numeric: true });
    for (const [text, others] of [...groups].sort(byPort)) {
      const list = element("ul", "", ...others.map((other) => element("li", "", nameOf(other, peer))));
      const folded = element("details", "", element("summary", "", `${text} \u00b7 ${others.length}`), list);
      folded.open = others.length <= MOST_NAMES && everyone !== true;
      parts.push(folded);
    }
    return parts;
  };

  const nameOf = (other: number, seenFrom: number): HTMLElement => {
    const { group, name, isOutside } = data.peers[other]!;
    const isNear = isOutside === true || group === data.peers[seenFrom]!.group;
    return peerButton(isNear ? name : `${group}/${name}`, other, choose);
  };

  return {
    show: (peer) => {
      hint.hidden = peer !== undefined;
      panel.hidden = peer === undefined;
      if (peer === undefined) {
        panel.replaceChildren();
        return;
      }
      const { name, group, detail, state, isOutside } = data.peers[peer]!;
      const close = element("button", "close", "Close");
      close.type = "button";
      close.addEventListener("click", () => choose(undefined));
      panel.replaceChildren(
        element("div", "panel-head", element("h2", "", name), close),
        element(
          "p",
          "soft",
          [isOutside ? "" : group, detail, state ?? ""].filter((text) => text !== "").join(" \u00b7 "),
        ),
        element("h3", "", isOutside ? "Who may reach it" : "Who may come in"),
        ...side(peer, 1),
        element("h3", "", "Where it may go"),
        ...side(peer, 0),
      );
      panel.scrollTop = 0;
    },
  };
}
