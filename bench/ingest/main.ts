// npx tsx bench/ingest/main.ts [--megabytes N] [FORMAT...]
// How fast manifests are read and validated, and how much memory that takes: text on disk to typed objects.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DUMP_FORMATS, type DumpFormat } from "./dump.ts";
import type { Measured } from "./measure-one.ts";

const { values, positionals } = parseArgs({
  options: { megabytes: { type: "string", default: "50" }, runs: { type: "string", default: "3" } },
  allowPositionals: true,
});
const formats = positionals.length === 0 ? Object.keys(DUMP_FORMATS) : positionals;
const folder = mkdtempSync(join(tmpdir(), "podwall-bench-"));

function run(script: string, ...args: readonly string[]): string {
  const node = ["--expose-gc", "--import", "tsx", join(import.meta.dirname, script), ...args];
  return execFileSync(process.execPath, node, { encoding: "utf8", maxBuffer: 1e8 });
}

console.log(`Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? "?"}`);
console.log("format     MB   read s  parse s   MB/s    cpu s  peak/size  kept/size  objects  findings");
try {
  for (const format of formats) {
    const file = join(folder, `dump.${DUMP_FORMATS[format as DumpFormat]}`);
    run("write-dump.ts", format, values.megabytes, file);
    const measured = Array.from(
      { length: Number(values.runs) },
      () => JSON.parse(run("measure-one.ts", file)) as Measured,
    );
    measured.sort((a, b) => seconds(a) - seconds(b));
    console.log(row(format, measured[measured.length >> 1]!));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function seconds(measured: Measured): number {
  return measured.readSeconds + measured.parseSeconds;
}

function row(format: string, one: Measured): string {
  const megabytes = one.bytes / 1e6;
  return [
    format.padEnd(8),
    megabytes.toFixed(0).padStart(5),
    one.readSeconds.toFixed(2).padStart(8),
    one.parseSeconds.toFixed(2).padStart(8),
    (megabytes / seconds(one)).toFixed(1).padStart(6),
    one.cpuSeconds.toFixed(2).padStart(8),
    (one.peakBytes / one.bytes).toFixed(1).padStart(10),
    (one.keptBytes / one.bytes).toFixed(1).padStart(10),
    String(one.objects).padStart(8),
    String(one.findings).padStart(9),
  ].join(" ");
}
