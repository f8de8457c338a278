// What people have that is no whole application: policies alone, what a chart prints, a dump of a small cluster. Nothing in
// it is a mistake, so that nothing but infos may be said of it.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatPosition } from "../../src/k8s/location.ts";
import { ROOT } from "../cli/run-podwall.ts";
import { allFindings } from "./findings.ts";

const FOLDER = `${ROOT}test/applications/good-inputs`;

describe("what podwall check says of good input", () => {
  it.each(readdirSync(FOLDER))("is never more than an info: %s", async (name) => {
    const findings = await allFindings(`${FOLDER}/${name}`, {});
    const wrong = findings.filter(({ severity }) => severity !== "info");
    expect(
      wrong.map(({ position, code, message }) => `${formatPosition(position)} ${code}: ${message}`),
    ).toEqual([]);
  });
});
