import type { NodeState } from "../map-graph/graph.ts";

/** How many colours arrows have: the classes `hue-0`, `hue-1`, ... */
export const HUES = 6;

/** The class of the box of a node. */
export const STATE_CLASSES: Readonly<Record<NodeState, string>> = {
  open: "open",
  limited: "limited",
  isolated: "isolated",
  "node network": "on-node",
  outside: "outside",
  all: "all",
  namespace: "namespace",
};

interface Palette {
  readonly page: string;
  readonly lane: string;
  readonly laneBorder: string;
  readonly box: string;
  readonly text: string;
  readonly soft: string;
  /** Arrows of boxes near each other get different ones. */
  readonly arrows: readonly string[];
  readonly strong: string;
  /** Of each class: the stripe and the badge's text, the border of the box, and the badge. */
  readonly states: Readonly<Record<string, readonly [strong: string, border: string, badge: string]>>;
}

const LIGHT: Palette = {
  page: "#ffffff",
  lane: "#f6f7f9",
  laneBorder: "#e3e6ea",
  box: "#ffffff",
  text: "#1b222c",
  soft: "#5a6675",
  arrows: ["#6b7a8d", "#4f7cac", "#8a6fb0", "#3f8f86", "#b0705a", "#8a8a3c"],
  strong: "#2456c9",
  states: {
    open: ["#9a5b00", "#e3c690", "#fdf0d5"],
    limited: ["#0e6a80", "#a5d0da", "#def2f6"],
    isolated: ["#1f7a43", "#a9d5b8", "#e0f4e7"],
    "on-node": ["#5a6675", "#ccd2da", "#eceff2"],
    outside: ["#4a57b5", "#bcc4ee", "#e9ecfb"],
    all: ["#5a6675", "#aab3bf", "#eceff2"],
    namespace: ["#5a6675", "#ccd2da", "#eceff2"],
  },
};

const DARK: Palette = {
  page: "#11151b",
  lane: "#181d25",
  laneBorder: "#262e3a",
  box: "#1f2630",
  text: "#e8ecf2",
  soft: "#a3afbe",
  arrows: ["#8593a6", "#6f9fd6", "#a990d6", "#5fb8ad", "#d6977f", "#b5b565"],
  strong: "#82aaff",
  states: {
    open: ["#f2bf62", "#6e5522", "#3d3014"],
    limited: ["#6fd0e6", "#285a67", "#173841"],
    isolated: ["#74d49b", "#2c5f41", "#183826"],
    "on-node": ["#a3afbe", "#434e5d", "#2c3541"],
    outside: ["#a9b4ff", "#444f91", "#272e58"],
    all: ["#a3afbe", "#5a6778", "#2c3541"],
    namespace: ["#a3afbe", "#434e5d", "#2c3541"],
  },
};

const SHAPE = `
.map text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.map .title{font:600 13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.map .all .title{font-style:italic}
.map .head{font:600 18px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.map .lane-title{font-weight:600;font-size:13px;paint-order:stroke;stroke-width:5px;stroke-linejoin:round}
.map .badge-text{font-size:10.5px;font-weight:600}
.map .arrow{fill:none;stroke-width:1.4}
.map .hit{fill:none;stroke:transparent;stroke-width:9}
.map .route:hover .arrow{stroke-width:2.6}
.map .all .frame{stroke-dasharray:4 3}
`;

function colours({ page, lane, laneBorder, box, text, soft, arrows, strong, states }: Palette): string {
  return [
    `.map .page{fill:${page}}`,
    `.map .lane{fill:${lane};stroke:${laneBorder}}`,
    `.map .lane-title{stroke:${lane}}`,
    `.map text{fill:${text}}`,
    `.map .soft{fill:${soft}}`,
    `.map .frame{fill:${box}}`,
    ...arrows.map((colour, i) => `.map .hue-${i} .arrow{stroke:${colour}}`),
    `.map .door{fill:${soft}}`,
    `.map .route:hover .arrow,.map .route.on .arrow{stroke:${strong}}`,
    ...Object.entries(states).flatMap(([name, [dark, border, badge]]) => [
      `.map .${name} .frame{stroke:${border}}`,
      `.map .${name} .stripe,.map .${name} .badge-text{fill:${dark}}`,
      `.map .${name} .badge{fill:${badge}}`,
    ]),
  ].join("\n");
}

/** The style sheet of a picture: light, and dark on screens that ask for it. */
export const MAP_STYLE: string = `${SHAPE}${colours(LIGHT)}
@media screen and (prefers-color-scheme:dark){
${colours(DARK)}
}
`;
