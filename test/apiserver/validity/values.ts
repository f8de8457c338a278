/** A number as it is written: `80.0` and `8e1` are no JavaScript values apart from 80. */
export class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const LONG = "a".repeat(63);
const DOTTED = Array.from({ length: 4 }, () => LONG).join(".");

/** Values of another type than most fields have. */
export const ANY_TYPE: readonly unknown[] = [
  null,
  "",
  "text",
  0,
  1,
  -1,
  true,
  false,
  [],
  {},
  [[]],
  [{}],
  [null],
  ["text"],
  { a: "b" },
  { matchLabels: { a: "b" } },
  new Literal("1.5"),
];

const PORTS: readonly unknown[] = [
  ...[0, -1, 1, 80, 443, 65535, 65536, 99999, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 80, 2 ** 53],
  ...["80", "0", "", "-1", "65536", "http", "Http", "1a", "a1", "a-b", "a--b", "-a", "a-", "a_b", "a.b"],
  ...["abcdefghijklmno", "abcdefghijklmnop", "ä", "80-90", "http ", " http", "1-2", "true"],
  ...["80.0", "80.5", "8e1", "1e400", "-0"].map((text) => new Literal(text)),
];

const CIDRS: readonly unknown[] = [
  ...["0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/8", "10.0.0.1/32", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08"],
  ...["10.0.0.0/+8", "10.0.0.0/", "10.0.0.0", "10.0.0/24", "010.0.0.0/8", "10.00.0.0/16", "256.0.0.0/8"],
  ...[
    "::/0",
    "fd00::/8",
    "FD00::/8",
    "fd00::1/64",
    "fd00:0::/64",
    "fd00:0:0:0:0:0:0:0/64",
    "fe80::1%eth0/64",
  ],
  ...["::ffff:10.0.0.0/104", "::ffff:10.0.0.0/8", "::10.0.0.0/96", "::ffff:a00:0/104", "fd00::/129", "::/00"],
  ...[
    "2001:db8::10.0.0.1/128",
    "1::2::3/64",
    "12345::/16",
    "::1",
    "",
    " 10.0.0.0/8",
    "10.0.0.0/8 ",
    "10.0.0.0 /8",
  ],
  ...["10.0.0.0/8/8", "all", "0/0", "0x0a.0.0.0/8", "10.0.0.0/255.0.0.0", "1.2.3.4.5/8", "::/0128", ":::/0"],
  ...["192.168.0.0/16", "192.168.1.0/24", "192.168.1.7/24", "fd00:1::/32", "fd00:1:2::/48"],
];

const LABEL_VALUES: readonly unknown[] = [
  ...[
    "",
    "a",
    "A.b_c-d",
    LONG,
    `${LONG}a`,
    "-a",
    "a-",
    ".a",
    "a.",
    "_",
    "a b",
    "a/b",
    "ä",
    "a\n",
    "1",
    "true",
  ],
  ...[1, true, null, [], {}],
];

const LABEL_KEYS: readonly string[] = [
  ...[
    "a",
    "A",
    "a.b/c",
    "A.b/c",
    "a/b/c",
    "/a",
    "a/",
    "",
    "-a",
    "a-",
    "a b",
    LONG,
    `${LONG}a`,
    "ä",
    "a..b/c",
    "1/1",
  ],
  ...[`${DOTTED.slice(0, 253)}/a`, `${DOTTED}/a`, "a_b/c", "kubernetes.io/metadata.name", "__proto__", "a\n"],
];

const NAMES: readonly unknown[] = [
  ...["a", "1", "a.b", "a..b", "A", "a_b", "-a", "a-", "", LONG, `${LONG}a`, DOTTED.slice(0, 253), DOTTED],
  ...["a b", "a/b", "ä", ".", "..", "a%b", "a\n", 1, null, true],
];

/** Values to try in a field, by its name; good ones among them. */
export const FIELD_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  port: PORTS,
  endPort: PORTS,
  protocol: ["TCP", "UDP", "SCTP", "tcp", "Tcp", "ICMP", "", "ANY", "TCP ", 6],
  cidr: CIDRS,
  except: [[], null, ...CIDRS.map((cidr) => [cidr]), ["10.0.0.0/9", null], ["10.1.0.0/16", "10.1.0.0/16"]],
  operator: ["In", "NotIn", "Exists", "DoesNotExist", "in", "Equals", "Gt", ""],
  values: [[], null, [""], ...LABEL_VALUES.map((value) => [value]), ["a", "a"], "a", ["a", ["b"]]],
  key: LABEL_KEYS,
  policyTypes: [
    ...[[], null, ["Ingress"], ["Egress"], ["Egress", "Ingress"], ["Ingress", "Ingress"], [null], [""]],
    ...[["Ingress", "Egress", "Ingress"], ["ingress"], ["Both"], "Ingress", { Ingress: {} }, [["Ingress"]]],
  ],
  name: NAMES,
  // kubectl refuses these itself: they would be another path.
  namespace: NAMES.filter((name) => ![".", "..", "a/b", "a%b"].includes(String(name))),
  generateName: ["a-", "A", "", 1],
  matchLabels: LABEL_VALUES.map((value) => ({ app: value })),
  labels: LABEL_VALUES.map((value) => ({ app: value })),
  annotations: [
    ...LABEL_KEYS.map((key) => ({ [key]: "any" })),
    ...[{ a: 1 }, { a: true }, { a: null }, { a: ["b"] }, null, [], { "Example.com/Key": "any" }],
    ...[{ a: "b".repeat(256 * 1024) }, { a: "b".repeat(256 * 1024 - 1) }, { a: "" }, { a: " \n" }],
  ],
  finalizers: [[], ["example.com/a"], ["a"], ["-"], [""], [1], "a", null, ["foregroundDeletion", "orphan"]],
  ownerReferences: [
    ...[[], null, [null], [{}], "a", [{ apiVersion: "v1", kind: "Pod", name: "a" }]],
    [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "u" }],
    [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "u", controller: "true" }],
    [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "u", controller: true, more: 1 }],
    [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "", controller: true }],
    [{ apiVersion: "a/b/c", kind: "Pod", name: "a", uid: "u" }],
    ["u", "v"].map((uid) => ({ apiVersion: "v1", kind: "Pod", name: "a", uid, controller: true })),
  ],
  creationTimestamp: [
    null,
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05+01:00",
    "today",
    "2026-01-02",
    1,
    "",
  ],
  deletionGracePeriodSeconds: [null, 1, -1, "1"],
  generation: [1, "1", null],
  uid: ["u", "", 1, null],
  selfLink: ["/a", 1],
  managedFields: [[], null],
  priority: [
    0,
    1,
    1000,
    1001,
    -1,
    "5",
    null,
    new Literal("5.0"),
    new Literal("5.5"),
    new Literal("1e2"),
    2 ** 40,
  ],
  tier: ["Admin", "Baseline", "admin", "", "NetworkPolicy", null],
  action: ["Accept", "Deny", "Pass", "Allow", "accept", "", null],
  networks: [
    [],
    null,
    ...CIDRS.map((cidr) => [cidr]),
    ["10.0.0.0/8", "10.0.0.0/8"],
    Array(26).fill("10.0.0.0/8"),
  ],
  number: [0, 1, 80, 65535, 65536, -1, "80", null, new Literal("80.0")],
  start: [0, 1, 80, 65535, 65536, "80", null],
  end: [0, 1, 80, 65535, 65536, "80", null],
  destinationNamedPort: ["http", "", "HTTP", "a".repeat(15), "a".repeat(16), "a".repeat(64), "-", 80, null],
  rules: [[], null],
  from: [[], null, [{}], [null], {}],
  to: [[], null, [{}], [null], {}],
  ports: [[], null, [{}], [null], {}, [80], "80"],
  protocols: [[], null, [{}], [null], {}, ["TCP"], [{ tcp: {} }], [{ tcp: null }], [{ tcp: {}, udp: {} }]],
  ingress: [[], null, [{}], [null], {}],
  egress: [[], null, [{}], [null], {}],
  podSelector: [{}, null, [], { matchLabels: {} }, { matchLabels: null }, { app: "a" }, "app=a"],
  namespaceSelector: [{}, null, [], { matchExpressions: [] }, { matchExpressions: null }],
  namespaces: [{}, null, []],
  pods: [
    {},
    null,
    [],
    { podSelector: {} },
    { namespaceSelector: {} },
    { namespaceSelector: {}, podSelector: {} },
  ],
  ipBlock: [{}, null, [], { cidr: "10.0.0.0/8" }, { except: [] }, "10.0.0.0/8"],
  status: [{}, null, { conditions: [] }],
  metadata: [{}, null, []],
  spec: [{}, null, []],
};

/** Names of fields to put where they may not belong. */
export const FIELD_NAMES: readonly string[] = [
  ...Object.keys(FIELD_VALUES),
  "hello",
  "matchExpressions",
  "selector",
];

/** Keys to put into `labels` and `matchLabels`. */
export { LABEL_KEYS, LABEL_VALUES };

/** Scalars whose type YAML decides by how they look. */
export const YAML_SCALARS: readonly string[] = [
  ...[
    "80",
    "080",
    "0o120",
    "0120",
    "0x50",
    "0b1010000",
    "8_0",
    "80.0",
    "8e1",
    "+80",
    "-0",
    "1e400",
    ".5",
    "5.",
  ],
  ...[
    "true",
    "True",
    "TRUE",
    "yes",
    "Yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Y",
    "~",
    "null",
    "Null",
    "NULL",
    "",
  ],
  ...[
    ".inf",
    "-.inf",
    ".nan",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    "1:30",
    "0x",
    "08",
    "0o8",
    "1__0",
    "1_",
    "_1",
  ],
  ...[
    "!!str 80",
    "!!int 80",
    "!!int '80'",
    '"80"',
    "'80'",
    "|\n  80",
    ">-\n  80",
    "!!float 80",
    "!!bool yes",
    "!x 80",
  ],
  ...[
    "&a 80",
    "=",
    "<<",
    "!!null 80",
    "!!binary aGk=",
    "18446744073709551615",
    "18446744073709551616",
    "1e3",
  ],
  ...["{}", "[]", "[80]", "{a: 80}", "- 80", "@a", "`a", "%a", "*a", "? a", "a: b", "'a", "a #b", "a#b"],
];
