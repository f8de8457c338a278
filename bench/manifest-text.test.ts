import { describe, expect, it } from "vitest";
import { parseManifests } from "../src/k8s/manifests.ts";
import { manifestText } from "./manifest-text.ts";
import { objectsOf } from "./profiles/inventory.ts";
import { PROFILES } from "./profiles/profiles.ts";

describe("manifest text", () => {
  it.each(PROFILES)("of profile $name is read back as the same objects", (profile) => {
    const objects = objectsOf(profile.generate(0.01));
    const text = objects.map(manifestText).join("\n---\n");
    const parsed = parseManifests([{ file: "generated.yaml", text }]);
    expect(parsed.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    const withoutOrigin = (all: readonly object[]) => all.map((object) => ({ ...object, origin: undefined }));
    expect(withoutOrigin(parsed.objects)).toEqual(withoutOrigin(objects));
  });
});
