// Reads one file and prints what that took, as JSON. A process of its own for each file: the peak of memory is asked
// of the system, which keeps one for the whole life of a process.
import { statSync } from "node:fs";
import { parseManifests } from "../../src/k8s/manifests.ts";
import { readManifestFiles } from "../../src/source/read-manifest-files.ts";

/** What reading a file took. Times in seconds, memory in bytes beyond what the process took before. */
export interface Measured {
  readonly bytes: number;
  readonly readSeconds: number;
  readonly parseSeconds: number;
  /** Of all threads, from the start of reading to the end of parsing: it does not grow when others use the machine. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** After reading, once the garbage is gone: the objects, and the text that positions are looked up in. */
  readonly keptBytes: number;
  readonly objects: number;
  readonly findings: number;
}

const file = process.argv[2]!;
const before = process.memoryUsage.rss();
const cpu = process.cpuUsage();
const started = performance.now();
const { sources, findings } = await readManifestFiles([file]);
const read = performance.now();
const parsed = parseManifests(sources);
const done = performance.now();
const { user, system } = process.cpuUsage(cpu);
const peak = process.resourceUsage().maxRSS * 1024;
globalThis.gc?.();
const { heapUsed, external } = process.memoryUsage();
console.log(
  JSON.stringify({
    bytes: statSync(file).size,
    readSeconds: (read - started) / 1000,
    parseSeconds: (done - read) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: peak - before,
    keptBytes: heapUsed + external,
    objects: parsed.objects.length,
    findings: findings.length + parsed.findings.length,
  } satisfies Measured),
);
