import { describe, expect, it } from "vitest";
import type { FieldEdit } from "../../k8s/fix.ts";
import {
  addField,
  addItem,
  append,
  edit,
  LIST,
  merge,
  quote,
  removeDocument,
  removeField,
  removeItem,
  rename,
  set,
  tabs,
  type Unplaced,
} from "./apply-edits.fixture.ts";

/** Name, text with § at the places of edits, edit, text afterwards. */
type Row = readonly [string, string, Unplaced<FieldEdit>, string];

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)("%s", (_name, before, what, after) => {
      const result = edit(before, what);
      expect(result.refused).toEqual([]);
      expect(result.text).toBe(after);
    });
  });
}

table("set-value", [
  ["a plain text", "a: §tcp # why\nb: 1\n", set("TCP"), "a: TCP # why\nb: 1\n"],
  ["a number in quotes", 'port: §"80"\n', set(80), "port: 80\n"],
  ["a text in single quotes", "a: §'x'\n", set("it's"), "a: 'it''s'\n"],
  ["a text in double quotes", 'a: §"x"\n', set('"y"'), 'a: "\\"y\\""\n'],
  ["a text that needs quotes", "a: §x\n", set("yes"), 'a: "yes"\n'],
  ["a number that stays text", "a: §x\n", set("0777"), 'a: "0777"\n'],
  ["a CIDR", "- §10.0.0.1/8\n- 1.2.3.4/32\n", set("10.0.0.0/8"), "- 10.0.0.0/8\n- 1.2.3.4/32\n"],
  ["an IPv6 CIDR", "a: §2001:db8::1/32\n", set("2001:db8::/32"), "a: 2001:db8::/32\n"],
  ["an IPv6 CIDR that begins with colons", "a: §::1/0\n", set("::/0"), 'a: "::/0"\n'],
  ["a value in braces", "a: {b: §tcp, c: [x]}\n", set("TCP"), "a: {b: TCP, c: [x]}\n"],
  ["a value in JSON", '{"a":§"80"}', set(80), '{"a":80}'],
  ["nothing", "§a: # why\nb: 1\n", set(true), "a: true # why\nb: 1\n"],
  ["nothing behind a dash", "a:\n- b\n§-\n", set("c"), "a:\n- b\n- c\n"],
  ["CRLF, two edits", "a: §x\r\nb: §y\r\n", set("z"), "a: z\r\nb: z\r\n"],
  ["without a final line end", "a: §x", set("z"), "a: z"],
  ["behind a byte order mark", "\ufeffa: §x\n", set("z"), "\ufeffa: z\n"],
  ["behind other planes", "a: {b: 😀, c: §x}\n", set("z"), "a: {b: 😀, c: z}\n"],
  [
    "in the second document",
    "a: 1\n---\n# c\na: §x\n---\na: 3\n",
    set("z"),
    "a: 1\n---\n# c\na: z\n---\na: 3\n",
  ],
  ["beside an anchor that nobody uses", "a: &x §b\nc: 1\n", set("d"), "a: &x d\nc: 1\n"],
  ["behind a tab", "a:\t§x\n", set("z"), "a:\tz\n"],
]);

table("quote-value", [
  ["a boolean", "a: §yes\n", quote, 'a: "yes"\n'],
  ["a number as it is written", "a: §0x1F # hex\n", quote, 'a: "0x1F" # hex\n'],
  ["in braces", "{a: §1.10, b: §true}\n", quote, '{a: "1.10", b: "true"}\n'],
  ["in JSON", '{"a": §1.50}\n', quote, '{"a": "1.50"}\n'],
  ["nothing", "§a:\n", quote, 'a: ""\n'],
]);

table("rename-field", [
  ["a key", "spec:\n  §podselector: {} # x\n", rename("podSelector"), "spec:\n  podSelector: {} # x\n"],
  ["a quoted key", '"§a": 1\n'.replace('"§', '§"'), rename("b"), '"b": 1\n'],
  ["in braces", "a: {§b: 1, c: 2}\n", rename("d"), "a: {d: 1, c: 2}\n"],
  ["in JSON", '{\n\t§"a": {}\n}\n', rename("b"), '{\n\t"b": {}\n}\n'],
  ["behind a dash", "a:\n- §b: 1\n  c: 2\n", rename("d"), "a:\n- d: 1\n  c: 2\n"],
]);

table("remove-field", [
  ["a line", "a: 1\n# about b\n§b: 2 # b\nc: 3\n", removeField, "a: 1\n# about b\nc: 3\n"],
  [
    "with all in it",
    "a: 1\n§b:\n  c:\n  - 1\n  # last\n\n# about d\nd: 1\n",
    removeField,
    "a: 1\n\n# about d\nd: 1\n",
  ],
  ["with a list that is not indented", "a: 1\n§b:\n- 1\n- 2\nd: 1\n", removeField, "a: 1\nd: 1\n"],
  ["a text of several lines", "§a: |\n  x\n\n  y\n\nb: 2\n", removeField, "\nb: 2\n"],
  ["the first behind a dash", "- §a: 1\n  # about b\n  b: 2\n", removeField, "- # about b\n  b: 2\n"],
  ["the only one behind a dash", "- §a: 1\n- b: 2\n", removeField, "- {}\n- b: 2\n"],
  ["the only one below a key", "a: # x\n  §b:\n    c: 1\nd: 2\n", removeField, "a: {} # x\nd: 2\n"],
  ["the last, without a final line end", "a: 1\n§b: 2", removeField, "a: 1"],
  ["the last, CRLF", "a: 1\r\n§b: 2", removeField, "a: 1"],
  ["the first in braces", "{§a: 1, b: 2}\n", removeField, "{b: 2}\n"],
  ["the last in braces", "{a: 1, §b: 2 }\n", removeField, "{a: 1 }\n"],
  ["the only one in braces", "a: { §b: 1, }\n", removeField, "a: {}\n"],
  [
    "in braces over lines",
    "{\n  a: 1, # a\n  # about b\n  §b: 2, # b\n  c: 3\n}\n",
    removeField,
    "{\n  a: 1, # a\n  # about b\n  c: 3\n}\n",
  ],
  ["the last of JSON", '{\n  "a": 1,\n  §"b": [\n    2\n  ]\n}\n', removeField, '{\n  "a": 1\n}\n'],
  ["of compact JSON", '{"a":1,§"b":{"c":[1,2]},"d":"x,y"}', removeField, '{"a":1,"d":"x,y"}'],
]);

table("remove-item", [
  [
    "of a list that is not indented",
    "a:\n- 1\n§# x\n".replace("§# x", "# x").replace("- 1", "- §1\n- 2"),
    removeItem,
    "a:\n- 2\n# x\n",
  ],
  [
    "a mapping",
    "a:\n  - b: 1\n    c: 2\n  - §b: 3\n    c: 4\nd: 1\n",
    removeItem,
    "a:\n  - b: 1\n    c: 2\nd: 1\n",
  ],
  ["the only one", "a: # x\n- §1\nb: 2\n", removeItem, "a: [] # x\nb: 2\n"],
  ["the first of a list in a list", "- - §1\n  - 2\n- 3\n", removeItem, "- - 2\n- 3\n"],
  ["in brackets", "a: [x, §y, z]\n", removeItem, "a: [x, z]\n"],
  ["of JSON", '[\n  §{"a": 1},\n  {"b": 2}\n]\n', removeItem, '[\n  {"b": 2}\n]\n'],
  ["an empty one", "a:\n- 1\n§-\n- 2\n", removeItem, "a:\n- 1\n- 2\n"],
]);

table("merge-with-previous-item", [
  [
    "two mappings",
    "from:\n- a: 1\n# why\n- §b:\n    c: 2\n",
    merge,
    "from:\n- a: 1\n# why\n  b:\n    c: 2\n",
  ],
  ["with a wide dash", "from:\n  -   a: 1\n  -   §b: 2\n", merge, "from:\n  -   a: 1\n      b: 2\n"],
  ["with the dash on a line of its own", "-\n  a: 1\n-\n  §b: 2\n", merge, "-\n  a: 1\n  b: 2\n"],
  ["in brackets", "[{a: 1}, §{b: 2}, {c: 3}]\n", merge, "[{a: 1, b: 2}, {c: 3}]\n"],
  ["in compact JSON", '[{"a":1},§{"b":2}]', merge, '[{"a":1,"b":2}]'],
  [
    "in JSON over lines",
    '[\n  {\n    "a": 1\n  },\n  §{\n    "b": 2\n  }\n]',
    merge,
    '[\n  {\n    "a": 1,\n    "b": 2\n  }\n]',
  ],
]);

table("add-field", [
  [
    "below the last",
    "a:\n  §b: 1 # b\n# about c\nc: 2\n",
    addField("d", { e: [1, "no"] }),
    'a:\n  b: 1 # b\n  d:\n    e:\n    - 1\n    - "no"\n# about c\nc: 2\n',
  ],
  [
    "with lists as the others are",
    "§a:\n    - b:\n          c: 1\n",
    addField("d", { e: [{ f: 1, g: 2 }] }),
    "a:\n    - b:\n          c: 1\nd:\n    e:\n        - f: 1\n          g: 2\n",
  ],
  [
    "CRLF, without a final line end",
    "§a: 1\r\nb: 2",
    addField("c", { d: 3 }),
    "a: 1\r\nb: 2\r\nc:\r\n  d: 3",
  ],
  ["behind a dash", "- §a: 1\n- b: 2\n", addField("c", "x"), "- a: 1\n  c: x\n- b: 2\n"],
  [
    "after a text of several lines",
    "§a: |\n  x\n\nb: 1\n".replace("b: 1\n", ""),
    addField("c", 1),
    "a: |\n  x\nc: 1\n\n",
  ],
  ["after one that keeps its lines", "§a: |+\n  x\n\n", addField("c", 1), "a: |+\n  x\n\nc: 1\n"],
  ["before the next document", "§a: 1\n---\nb: 1\n", addField("c", 1), "a: 1\nc: 1\n---\nb: 1\n"],
  ["into empty braces", "a: §{}\n", addField("b", { c: "y" }), 'a: {b: {c: "y"}}\n'],
  ["into braces", "a: §{b: 1}\n", addField("c", [1]), "a: {b: 1, c: [1]}\n"],
  ["into braces over lines", "a: §{\n  b: 1,\n  }\n", addField("c", 1), "a: {\n  b: 1,\n  c: 1,\n  }\n"],
  ["into compact JSON", '§{"b":1}', addField("c", { d: [1, 2] }), '{"b":1,"c":{"d":[1,2]}}'],
  [
    "into JSON over lines",
    '§{\n  "b": 1\n}\n',
    addField("c", { d: [1] }),
    '{\n  "b": 1,\n  "c": {\n    "d": [\n      1\n    ]\n  }\n}\n',
  ],
  [
    "into JSON with tabs",
    '§{\n\t"b": 1\n}\n',
    addField("c", { d: 1 }),
    '{\n\t"b": 1,\n\t"c": {\n\t\t"d": 1\n\t}\n}\n',
  ],
]);

table("add-item", [
  ["below the last", "a:\n§- b\n# c\nc: 1\n", addItem("d"), "a:\n- b\n- d\n# c\nc: 1\n"],
  [
    "a mapping",
    "a:\n  §- b: 1\n",
    addItem({ b: 2, c: { d: "off" } }),
    'a:\n  - b: 1\n  - b: 2\n    c:\n      d: "off"\n',
  ],
  ["into brackets", "a: §[b]\n", addItem({ c: 1 }), "a: [b, {c: 1}]\n"],
  ["into empty brackets of JSON", '{"a": §[]}', addItem("x"), '{"a": ["x"]}'],
  [
    "into JSON over lines",
    '{\n  "a": §[\n    "x"\n  ]\n}',
    addItem("y"),
    '{\n  "a": [\n    "x",\n    "y"\n  ]\n}',
  ],
]);

table("remove-document", [
  ["the second", "a: 1\n---\n# b\nb: §2\n---\nc: 3\n", removeDocument, "a: 1\n---\nc: 3\n"],
  [
    "the first, not what the file begins with",
    "# Licence\n# text\n\n# a\na: §1\n---\nb: 2\n",
    removeDocument,
    "# Licence\n# text\n---\nb: 2\n",
  ],
  ["the only one", "a: §1\n", removeDocument, ""],
  [
    "an object of a List",
    LIST.replace("name: a", "name: §a"),
    removeDocument,
    LIST.replace("- kind: A\n  metadata: {name: a}\n", ""),
  ],
  [
    "an object of a List in JSON",
    '{"kind":"List","items":[{"kind":§"A"},{"kind":"B"}]}',
    removeDocument,
    '{"kind":"List","items":[{"kind":"B"}]}',
  ],
  ["one JSON value of several", '{"a":1}\n{"b":§2}\n{"c":3}\n', removeDocument, '{"a":1}\n{"c":3}\n'],
]);

table("append-document", [
  ["to YAML", "a:\n- 1", append({ b: [1] }), "a:\n- 1\n---\nb:\n- 1\n"],
  ["to CRLF", "a: 1\r\n", append({ b: 1 }), "a: 1\r\n---\r\nb: 1\r\n"],
  ["to nothing", "", append({ b: 1 }), "b: 1\n"],
  [
    "to a List in JSON",
    '{"kind": "List", "items": [{"a": 1}]}\n',
    append({ b: 1 }),
    '{"kind": "List", "items": [{"a": 1}, {"b": 1}]}\n',
  ],
  ["to a value in JSON", '{\n    "a": 1\n}', append({ b: 1 }), '{\n    "a": 1\n}\n{\n    "b": 1\n}\n'],
]);

const POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n";

table("replace-tabs", [
  ["each line", "a:\n\tb: 1 #\tx\n\tc:\n\t\td: 2\n", tabs, "a:\n  b: 1 #\tx\n  c:\n    d: 2\n"],
  ["after a dash", "a:\n-\tb: 1\n\tc: 2\n", tabs, "a:\n- b: 1\n  c: 2\n"],
  ["beside spaces", "a:\n    b:\n\tc: 1\n".replace("b:\n", "b: 0\n"), tabs, "a:\n    b: 0\n    c: 1\n"],
  ["but not inside a text", "a:\n\tb: 1\nm: |\n  x:\n  \ty\n", tabs, "a:\n  b: 1\nm: |\n  x:\n  \ty\n"],
  ["nor beyond the indent of a text", "a:\n\tm: |\n\t\tx:\n\t\t\ty\n", tabs, "a:\n  m: |\n    x:\n    \ty\n"],
  [
    "of the width with which the object is valid",
    `${POLICY}  podSelector:\n    matchLabels:\n\t  app: db\n  ingress: []\n`,
    tabs,
    `${POLICY}  podSelector:\n    matchLabels:\n      app: db\n  ingress: []\n`,
  ],
  [
    "only where it must be",
    "m: |\n  a\n  \tb\n---\na:\n\tb: 1\r\n",
    tabs,
    "m: |\n  a\n  \tb\n---\na:\n  b: 1\r\n",
  ],
]);
