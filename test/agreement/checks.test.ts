// What `podwall check` says of random clusters, read as a person would: it never fails, every finding has a place and
// sentences that are whole, and it does not matter in which order the documents come.
import { describe, expect, it } from "vitest";
import type { Check, CheckContext } from "../../src/analysis/check/check.ts";
import { CHECKS } from "../../src/analysis/check/checks.ts";
import { policyId } from "../../src/cluster/change.ts";
import type { Finding } from "../../src/k8s/finding.ts";
import { checkContextOf, randomManifests } from "./checks.ts";

const CLUSTERS = Number(process.env.PODWALL_CHECK_CLUSTERS ?? 110);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

const SEEDS = Array.from({ length: CLUSTERS }, (_, index) => FIRST_SEED + index);

/** All findings, each with the check that made it. */
function* findingsOf(context: CheckContext): Iterable<readonly [Check, Finding]> {
  for (const check of CHECKS) for (const finding of check.run(context)) yield [check, finding];
}

/** Every text of a finding that people read. */
function wordsOf({ message, help, related = [], fix }: Finding): string[] {
  return [message, help, fix?.title, ...related.map((place) => place.message)].filter(
    (text) => text !== undefined,
  );
}

/** What stands in a text where something was left out, or was no text. */
const SLIPS = /NaN|undefined|\[object|\bnull\b| {2}|\(\)| [.,;]|,,|\.\.|^\s|\s$/;

/** Findings that are about more than one object. */
const OF_NO_OBJECT: ReadonlySet<string> = new Set([
  "no-default-deny",
  "exposed-database",
  "exposed-admin-port",
]);

describe("findings about random clusters", { timeout: 300_000 }, () => {
  it("have a place, whole sentences, and the code and object that they should", () => {
    const seen = new Set<string>();
    for (const seed of SEEDS) {
      const { text, everything } = randomManifests(seed);
      const lines = text.split("\n");
      const context = checkContextOf([text], everything);
      const { cluster } = context;
      const objects = new Set([...cluster.networkPolicies, ...cluster.clusterPolicies].map(policyId));
      for (const [check, finding] of findingsOf(context)) {
        const where = `seed ${seed}: ${finding.code}: ${finding.message}`;
        seen.add(finding.code);
        expect(check.codes, where).toContain(finding.code);
        expect(
          wordsOf(finding).filter((words) => SLIPS.test(words)),
          where,
        ).toEqual([]);
        expect([finding.message, finding.help], where).toEqual([
          expect.stringMatching(/[.?]$/),
          expect.stringMatching(/[.?]$/),
        ]);
        const misplaced = [finding, ...(finding.related ?? [])].filter(
          ({ position }) => !/^\S/.test(lines[position.line - 1]?.slice(position.column - 1) ?? ""),
        );
        expect(misplaced, where).toEqual([]);
        if (finding.object === undefined) expect(OF_NO_OBJECT, where).toContain(finding.code);
        else if (!/^(Namespace|Pod) /.test(finding.object)) expect(objects, where).toContain(finding.object);
      }
    }
    // The clusters have no Namespace that a policy misspells, and no labels of which one is a name.
    const unseen = CHECKS.flatMap(({ codes }) => codes).filter((code) => !seen.has(code));
    expect(unseen).toEqual([]);
  });

  it("are the same in whatever order the documents come", () => {
    for (const seed of SEEDS) {
      const { documents, everything } = randomManifests(seed);
      const said = [documents, [...documents].reverse()].map((texts) =>
        [...findingsOf(checkContextOf(texts, everything))].map(([, finding]) => sentencesOf(finding)).sort(),
      );
      expect(said[1], `seed ${seed}`).toEqual(said[0]);
    }
  });
});

/** A finding without what depends on places. */
function sentencesOf({ code, severity, object, message, help }: Finding): string {
  const text = [code, severity, object, message, help].join("\n");
  return text.replace(/on line \d+/g, "on a line").replace(/\d+\.yaml:\d+:\d+/g, "elsewhere");
}
