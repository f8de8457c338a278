import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { namespace, pod, smallCluster } from "../reference/objects.ts";
import { randomCluster } from "./cluster.ts";
import { clusterYaml } from "./cluster-yaml.ts";

const readBack = (text: string, version: "1.1" | "1.2") =>
  parseAllDocuments(text, { version }).map((document) => (document as { toJS(): unknown }).toJS());

describe("clusterYaml", () => {
  it.each(["1.1", "1.2"] as const)("is read back as it was by YAML %s", (version) => {
    for (let seed = 0; seed < 100; seed++) {
      const cluster = randomCluster(seed);
      expect(readBack(clusterYaml(cluster), version)).toEqual(Object.values(cluster).flat());
    }
  });

  it("quotes what kubectl would not take for text", () => {
    const labels = { y: "no", on: "0777", number: "1_000", empty: "" };
    const cluster = {
      ...smallCluster([]),
      namespaces: [namespace("shop", labels)],
      nodes: [],
      pods: [pod("shop/p")],
    };
    expect(readBack(clusterYaml(cluster), "1.1")).toEqual([...cluster.namespaces, ...cluster.pods]);
  });
});
