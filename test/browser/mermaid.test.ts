import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { HOSTILE, hostileGraph } from "../../src/report/map-graph/graph.fixture.ts";
import { plainLine } from "../../src/report/map-graph/words.ts";
import { mapMermaid } from "../../src/report/map-mermaid.ts";
import { podwall } from "../cli/run-podwall.ts";
import { describeBrowser } from "./browser.ts";

/** What this test uses of the library, which runs in browsers only. */
interface Mermaid {
  initialize(config: object): void;
  parse(text: string): Promise<{ readonly diagramType: string }>;
  render(id: string, text: string): Promise<{ readonly svg: string }>;
}

describeBrowser("podwall map -o mermaid", (browser) => {
  let page: Page;
  beforeAll(async () => {
    page = await browser().newPage();
    // It loads slowly, once is enough.
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js") });
  });

  it.each(["shop", "default-deny", "ip-block", "dual-stack"])(
    "is a flowchart for Mermaid: examples/%s",
    async (name) => {
      const { stdout } = await podwall(["map", "-o", "mermaid", `examples/${name}`]);
      expect(await page.evaluate(parse, stdout)).toMatch(/^flowchart/);
    },
  );

  it("shows names as they are, whatever they mean in Mermaid", async () => {
    const svg = await page.evaluate(render, mapMermaid(hostileGraph()));
    await page.setContent(svg);
    const labels = (await page.locator(".nodeLabel").allTextContents()).map(plainSpaces);
    for (const name of HOSTILE) {
      expect(labels.filter((label) => label.includes(plainSpaces(plainLine(name))))).not.toEqual([]);
    }
    expect(await page.locator("script").count()).toBe(0);
  });
});

/** Runs in the page. */
async function parse(text: string): Promise<string> {
  const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
  return (await mermaid.parse(text)).diagramType;
}

/** Runs in the page. */
async function render(text: string): Promise<string> {
  const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
  mermaid.initialize({ startOnLoad: false });
  return (await mermaid.render("picture", text)).svg;
}

function plainSpaces(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
