import type { PageData } from "../page-data.ts";

export interface PictureControl {
  /** Makes the boxes of these peers, and what is connected with them, stand out; all are equal for undefined. */
  highlight(peers: ReadonlySet<number> | undefined): void;
  /** Marks a peer and its arrows. */
  mark(peer: number | undefined): void;
}

/** Height to width of a picture that is printed on several pages. */
const TALL = 1.6;

/** Makes the boxes of the picture buttons. */
export function createPicture(
  data: PageData,
  choose: (peer: number) => void,
  chooseGroup: (group: string) => void,
): PictureControl {
  const boxes = [...document.querySelectorAll<SVGGElement>("#picture .node")];
  const routes = [...document.querySelectorAll<SVGGElement>("#picture .route")];
  const picture = document.querySelector<SVGSVGElement>("#picture svg");
  if (picture !== null) {
    const { width, height } = picture.viewBox.baseVal;
    // Printed on one page it could not be read.
    picture.parentElement?.classList.toggle("tall", height > width * TALL);
  }
  const places = new Map(data.peers.map(({ id }, place) => [id, place]));
  const groups = new Set(data.peers.map(({ group }) => group));
  for (const box of boxes) {
    const id = box.dataset.id!;
    const peer = places.get(id);
    const group = id.endsWith("/*") ? id.slice(0, -2) : id;
    if (peer === undefined && !groups.has(group)) continue;
    const act = (): void => (peer === undefined ? chooseGroup(group) : choose(peer));
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.addEventListener("click", act);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  }
  return {
    highlight: (peers) => {
      for (const box of boxes) {
        const peer = places.get(box.dataset.id!);
        box.classList.toggle("dim", peers !== undefined && peer !== undefined && !peers.has(peer));
      }
      const isDim = (id: string): boolean => {
        const peer = places.get(id);
        return peers !== undefined && peer !== undefined && !peers.has(peer);
      };
      for (const { dataset, classList } of routes) {
        classList.toggle("dim", isDim(dataset.from!) || isDim(dataset.to!));
      }
    },
    mark: (peer) => {
      const chosen = peer === undefined ? undefined : data.peers[peer]!;
      for (const box of boxes) box.classList.toggle("chosen", box.dataset.id === chosen?.id);
      const ends = chosen === undefined ? [] : [chosen.id, `${chosen.group}/*`];
      for (const { dataset, classList } of routes) {
        classList.toggle("on", ends.includes(dataset.from!) || ends.includes(dataset.to!));
      }
    },
  };
}
