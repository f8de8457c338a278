import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { type Reachability, type ReachPeer, reachability } from "../../src/engine/reachability.ts";
import { engineWith } from "../../src/report/explain.fixture.ts";
import { HOSTILE } from "../../src/report/map-graph/graph.fixture.ts";
import { mapGraph } from "../../src/report/map-graph/map-graph.ts";
import { plainLine } from "../../src/report/map-graph/words.ts";
import { mapHtml } from "../../src/report/map-html/map-html.ts";
import { podwall, ROOT } from "../cli/run-podwall.ts";
import { describeBrowser } from "./browser.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

describeBrowser("the page of podwall map -o html", (browser) => {
  let opened: OpenedPage;
  beforeEach(async () => {
    opened = await open(browser(), await shopPage());
  });
  afterEach(async () => {
    expect(opened.complaints).toEqual([]);
    await opened.page.context().close();
  });

  it("opens from a file, and asks for nothing else", async () => {
    const { page, requests } = opened;
    expect(await page.title()).toBe("Who can reach whom");
    expect(await page.locator("#picture .node").count()).toBe(3);
    expect(await page.locator("#rows tr").count()).toBe(10);
    expect(requests).toEqual([page.url()]);
  });

  it("shows the rows that have all words, the namespace and the port", async () => {
    const { page } = opened;
    const rows = (): Promise<string[]> => page.locator("#rows tr").allInnerTexts();
    await page.fill("#words", "3306");
    expect(await rows()).toEqual([expect.stringMatching(/shop\/api\s+shop\/db\s+TCP 3306/)]);
    expect(await page.textContent("#count")).toBe("1 of 10 connections");
    // The picture leaves in the light what is in the table.
    expect(await page.locator("#picture .node.dim").getAttribute("data-id")).toBe(
      "shop/frontend[Deployment]",
    );
    await page.fill("#words", "frontend db");
    expect((await rows()).length).toBe(1);
    await page.click("text=Clear");
    // The fields are emptied after the event that asks for it.
    await expect.poll(async () => (await rows()).length).toBe(10);
    await page.fill("#port", "3306");
    expect((await rows()).length).toBe(10);
    await page.fill("#port", "80");
    expect((await rows()).length).toBe(9);
    await page.fill("#port", "");
    await page.selectOption("#group", "outside the cluster");
    expect((await rows()).every((row) => row.includes("every IPv4 address"))).toBe(true);
  });

  it("tells who may come in to a box that is clicked, and where it may go", async () => {
    const { page } = opened;
    const details = page.locator("#details");
    expect(await details.isVisible()).toBe(false);
    await page.click('[data-id="shop/db[StatefulSet]"]');
    expect(await details.innerText()).toMatch(
      /^db\b[\s\S]*isolated\s+Who may come in\s+TCP 3306 · 1\s+api\s+Where it may go/,
    );
    expect(await page.locator(".route.on").count()).toBe(1);
    await details.locator("button.peer", { hasText: "api" }).first().click();
    expect(await details.innerText()).toMatch(
      /^api\b[\s\S]*open\s+Who may come in\s+Everyone, on every port\./,
    );
    await page.keyboard.press("Escape");
    expect(await details.isVisible()).toBe(false);
  });

  it("begins with all of a picture that is wider than its place", async () => {
    const { page } = opened;
    const pressed = (): Promise<string | null> => page.getAttribute("#fit", "aria-pressed");
    expect(await pressed()).toBe("false");
    await page.setViewportSize({ width: 390, height: 800 });
    await page.reload();
    expect(await pressed()).toBe("true");
    const cut = (): Promise<boolean> =>
      page.$eval("#picture", ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
    expect(await cut()).toBe(false);
    await page.click("#fit");
    expect([await pressed(), await cut()]).toEqual(["false", true]);
  });

  it("can be used with the keyboard alone", async () => {
    const { page } = opened;
    await page.keyboard.press("/");
    await page.keyboard.type("frontend");
    expect(await page.inputValue("#words")).toBe("frontend");
    const focused = page.locator(":focus");
    for (let i = 0; i < 20 && (await focused.getAttribute("data-id")) !== "shop/db[StatefulSet]"; i++) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    expect(await page.locator("#details h2").innerText()).toBe("db");
  });

  it("can neither load nor send anything, whatever would run in it", async () => {
    const { page, requests } = opened;
    const blocked = await page.evaluate(async () => {
      const answers: string[] = [];
      for (const address of ["http://127.0.0.1:9/", "data:text/plain,x"]) {
        answers.push(await fetch(address).then(String, (error: Error) => error.name));
      }
      return answers;
    });
    expect(blocked).toEqual(["TypeError", "TypeError"]);
    expect(requests).toHaveLength(1);
    // What Chromium says of it.
    expect(opened.complaints.splice(0).join(" ")).toContain("Content Security Policy");
  });
});

describeBrowser("a page with names that mean something in HTML", (browser) => {
  it("shows them as they are", async () => {
    const reach = hostileReach();
    const script = readFileSync(`${ROOT}dist/map-page.js`, "utf8");
    const { page, complaints } = await open(
      browser(),
      await mapHtml(reach, { graph: mapGraph(reach), notes: HOSTILE, script }),
    );
    const pods = reach.peers.filter((peer) => peer.kind !== "external");
    const cells = await page.locator("#rows td:first-child").allTextContents();
    for (const { workload } of pods) {
      expect(cells).toContain(`${workload.namespace}/${workload.name}`);
      const title = page.locator("#picture .node .title", {
        hasText: plainLine(workload.name).slice(0, 12).trim(),
      });
      expect(await title.count()).toBeGreaterThan(0);
    }
    expect(await page.locator("b, i").count()).toBe(0);
    await page.locator("#rows button.peer").first().click();
    expect(await page.locator("#details h2").textContent()).toBe(pods[0]!.workload.name);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

interface OpenedPage {
  readonly page: Page;
  readonly requests: string[];
  /** Errors, and all that is written to the console. */
  readonly complaints: string[];
}

async function open(browser: Browser, html: string): Promise<OpenedPage> {
  const file = join(folder, "map.html");
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  await page.goto(pathToFileURL(file).href);
  return { page, requests, complaints };
}

async function shopPage(): Promise<string> {
  const { code, stdout } = await podwall(["map", "-o", "html", "examples/shop"]);
  expect(code).toBe(0);
  return stdout;
}

/** The fixture's pods with other names, as no API server would let in. */
function hostileReach(): Reachability {
  const { peers, connections } = reachability(engineWith(), "workload");
  const renamed = new Map(
    peers.map((peer, i): [ReachPeer, ReachPeer] => {
      if (peer.kind === "external") return [peer, peer];
      const name = HOSTILE[i]!;
      const namespace = HOSTILE[(i * 3 + 1) % HOSTILE.length]!;
      const id = `${namespace}/${name}[Pod]`;
      return [peer, { ...peer, id, workload: { ...peer.workload, id, name, namespace } }];
    }),
  );
  return {
    peers: [...renamed.values()],
    connections: connections.map((each) => ({
      ...each,
      from: renamed.get(each.from)!,
      to: renamed.get(each.to)!,
    })),
  };
}
