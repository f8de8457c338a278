import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseObject } from "../../src/k8s/object.ts";
import type { KubernetesObject } from "../../src/k8s/objects.ts";
import { manifestOf } from "../manifest-text.ts";
import { GENERATED } from "../profiles/inventory.ts";

/** Objects of a page, as many as clients ask an API server for at a time. */
const PAGE_ITEMS = 500;

/** Writes objects as an API server lists them: pages of JSON. */
export function writeObjectPages(directory: string, objects: readonly KubernetesObject[]): void {
  mkdirSync(directory, { recursive: true });
  for (let at = 0; at < objects.length; at += PAGE_ITEMS) {
    const items = objects.slice(at, at + PAGE_ITEMS).map(manifestOf);
    const page = { apiVersion: "v1", kind: "List", items };
    writeFileSync(join(directory, `page-${String(at).padStart(8, "0")}.json`), JSON.stringify(page));
  }
}

/** Reads and validates pages one at a time, so that no more than one of them is in memory as JSON. */
export function readObjectPages(directory: string): KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  for (const file of readdirSync(directory).sort()) {
    const page = JSON.parse(readFileSync(join(directory, file), "utf8")) as { items: unknown[] };
    for (const item of page.items) {
      const parsed = parseObject(item, GENERATED);
      if (parsed.findings.length > 0)
        throw new Error(`${file}: a generated object is refused: ${JSON.stringify(parsed.findings[0])}`);
      objects.push(...parsed.objects);
    }
  }
  return objects;
}
