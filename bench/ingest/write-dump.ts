// npx tsx bench/ingest/write-dump.ts FORMAT MEGABYTES FILE
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DUMP_FORMATS, type DumpFormat, dump } from "./dump.ts";

const [format = "", megabytes = "", file = ""] = process.argv.slice(2);
if (!Object.hasOwn(DUMP_FORMATS, format) || !(Number(megabytes) > 0) || file === "") {
  console.error(`usage: write-dump.ts ${Object.keys(DUMP_FORMATS).join("|")} MEGABYTES FILE`);
  process.exit(1);
}
await pipeline(Readable.from(dump(format as DumpFormat, Number(megabytes) * 1e6)), createWriteStream(file));
