import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";
import { parseObject } from "./object.ts";

const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: ${spec}\n`;
const port = (fields: string): string => policy(`{podSelector: {}, ingress: [{ports: [{${fields}}]}]}`);

/** `code: title`, and `safe` if it is, of each finding with a fix; the edits are tried in `test/fixes/`. */
function fixesOf(text: string): string[] {
  const { findings } = parseManifests([{ file: "f", text }]);
  return findings.flatMap(({ code, fix }) =>
    fix === undefined ? [] : [`${code}: ${fix.title}${fix.safe ? ", safe" : ""}`],
  );
}

describe("fixes of what is found while reading", () => {
  it.each([
    ["only upper and lower case are mixed up", port("protocol: tcp"), ["unknown-protocol: write TCP, safe"]],
    ["a letter is wrong", port("protocol: TPC"), ["unknown-protocol: write TCP"]],
    ["a word is like none of the known ones", port("protocol: icmp"), []],
    ["a number is in quotes", port('port: "80"'), ["bad-port: remove the quotes, safe"]],
    ["a number in quotes is no port", port('port: "80000"'), []],
    [
      "a range is the wrong way round",
      port("port: 80, endPort: 8"),
      ["end-port-below-port: exchange port and endPort"],
    ],
    ["a field is misspelt", policy("{podSelecter: {}}"), ["unknown-field: rename it to podSelector"]],
    ["the field that was meant is there too", policy("{podSelector: {}, podSelecter: {}}"), []],
    ["a field belongs elsewhere", policy("{podSelector: {}, ports: []}"), []],
    [
      "the API is gone",
      policy("{podSelector: {}}").replace("networking.k8s.io/v1", "extensions/v1beta1"),
      ["unsupported-version: write networking.k8s.io/v1, safe"],
    ],
    [
      "there never was such an API",
      policy("{podSelector: {}}").replace("/v1", "/v2"),
      ["unsupported-version: write networking.k8s.io/v1"],
    ],
  ])("say what to do where %s", (_, text, fixes) => {
    expect(fixesOf(text)).toEqual(fixes);
  });

  it("are not given for an object that has no text", () => {
    const origin = { file: "cluster", position: () => ({ file: "cluster", line: 0, column: 0 }) };
    const value = {
      apiVersion: "extensions/v1beta1",
      kind: "NetworkPolicy",
      metadata: { name: "p", labels: { a: 1 } },
      spec: { podSelecter: {}, podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 8 }] }] },
    };
    const { findings } = parseObject(value, origin);
    expect(findings.map(({ code }) => code)).toContain("end-port-below-port");
    expect(findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
  });
});
