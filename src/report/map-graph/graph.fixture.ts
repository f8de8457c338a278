// Graphs that the tests of the pictures draw.
import { reachability } from "../../engine/reachability.ts";
import { portRange } from "../../net/port-set.ts";
import { dbPolicy, engineWith } from "../explain.fixture.ts";
import type { GraphNode, MapGraph } from "./graph.ts";
import { mapGraph } from "./map-graph.ts";

/** The workloads of the fixture; only web may reach db, and only web's namespace and one block what db may reach. */
export function shopGraph(): MapGraph {
  const spec = `  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}]
  egress: [{to: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 443}]}]`;
  return mapGraph(reachability(engineWith(dbPolicy(spec)), "workload"));
}

/** Names that mean something in every language that a picture could be written in. */
export const HOSTILE: readonly string[] = [
  '</script><script>alert("1")</script>',
  "<b>bold</b> & <i>co</i>",
  "a\"b'c`d\\",
  "]] ]]> --> #quot; #35; %% comment",
  "end",
  "subgraph x; graph { } | \\N \\l $x {y}",
  "line\nbreak\r\u2028and\u2029more\u0000\u0007",
  "\u{1F600} ümläut",
];

/** A graph whose names are {@link HOSTILE}; each has an arrow to the next. */
export function hostileGraph(): MapGraph {
  const nodes = HOSTILE.map((text): GraphNode => {
    return { id: `id ${text}`, title: text, detail: text, state: "open", statements: [], lines: [text] };
  });
  return {
    of: "workloads",
    groups: HOSTILE.map((text, i) => ({ id: text, title: text, nodes: [nodes[i]!] })),
    arrows: nodes.map(({ id }, i) => ({
      from: id,
      to: nodes[(i + 1) % nodes.length]!.id,
      ports: portRange("TCP", i + 1),
      connections: 1,
    })),
    aside: [],
    notes: HOSTILE,
  };
}
