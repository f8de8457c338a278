import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestText } from "../manifest-text.ts";
import { type GeneratedCluster, objectsOf, sizesOf } from "../profiles/inventory.ts";
import { clusterStatistics } from "../profiles/statistics.ts";
import type { Reporter } from "./job.ts";

/** Measures the generated data itself, and writes it as manifests, one file a namespace and kind. */
export function describeJob(cluster: GeneratedCluster, directory: string, report: Reporter): void {
  report.progress("write manifests");
  mkdirSync(directory, { recursive: true });
  const texts = new Map<string, string[]>();
  for (const object of objectsOf(cluster)) {
    const file = `${"namespace" in object ? object.namespace : "cluster"}-${object.kind}.yaml`;
    const documents = texts.get(file);
    if (documents === undefined) texts.set(file, [manifestText(object)]);
    else documents.push(manifestText(object));
  }
  let bytes = 0;
  for (const [file, documents] of texts) {
    const text = `${documents.join("\n---\n")}\n`;
    bytes += Buffer.byteLength(text);
    writeFileSync(join(directory, file), text);
  }
  report.progress("describe");
  report.result({
    sizes: sizesOf(cluster),
    manifestMegabytes: bytes / 1e6,
    statistics: clusterStatistics(cluster),
  });
}
