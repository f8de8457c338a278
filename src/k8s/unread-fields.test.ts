import { describe, expect, it } from "vitest";
import { outlineJson } from "./json-outline.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import type { Origin } from "./location.ts";
import { parseObject } from "./object.ts";
import { stringText } from "./source-text.ts";
import { UNREAD_FIELDS } from "./unread-fields.ts";

const origin: Origin = { file: "f", position: () => ({ file: "f", line: 0, column: 0 }) };

/** A list that throws if anybody asks what is in it. */
const SEALED: unknown = new Proxy([], {
  get(_target, property) {
    throw new Error(`a reader looked for ${String(property)} in a field that is left out when JSON is read`);
  },
});
const sealed = Object.fromEntries(UNREAD_FIELDS.map((field) => [field, SEALED]));

describe("unread fields", () => {
  it.each([...KNOWN_KINDS])("are not looked into by the reader of %s", (kind, { groups }) => {
    const podSpec = {
      ...sealed,
      containers: [{ ...sealed, name: "a", ports: [{ ...sealed, containerPort: 80 }] }],
    };
    const metadata = { ...sealed, name: "a", namespace: "b", labels: { app: "a" } };
    const template = { ...sealed, metadata, spec: podSpec };
    const value = {
      ...sealed,
      apiVersion: groups[0] === "" ? "v1" : `${groups[0]}/v1`,
      kind,
      metadata: { ...metadata, ownerReferences: [{ ...sealed, kind: "Node", name: "n", controller: true }] },
      spec: {
        ...podSpec,
        selector: { ...sealed, matchLabels: { app: "a" } },
        podSelector: {},
        template,
        jobTemplate: { ...sealed, spec: { ...sealed, template } },
      },
      status: {
        ...sealed,
        podIPs: [{ ...sealed, ip: "10.0.0.1" }],
        addresses: [{ ...sealed, type: "InternalIP", address: "10.0.0.2" }],
      },
    };
    expect(() => parseObject(value, origin)).not.toThrow();
  });

  it("are told by their whole names", () => {
    const text = JSON.stringify(
      Object.fromEntries(
        UNREAD_FIELDS.flatMap((field) => [
          [field, [1]],
          [`${field}x`, [1]],
        ]),
      ),
    );
    const { start, end, unread } = outlineJson(stringText(text).units())![0]!;
    expect(JSON.parse(stringText(text).join([start, ...unread, end]))).toEqual(
      Object.fromEntries(
        UNREAD_FIELDS.flatMap((field) => [
          [field, []],
          [`${field}x`, [1]],
        ]),
      ),
    );
  });
});
