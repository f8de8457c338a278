import { describe, expect, it } from "vitest";
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault, portNameFault } from "./names.ts";
import { closest, editDistance } from "./suggest.ts";

const long = (length: number): string => "a".repeat(length);

describe.each<[string, (text: string) => string | undefined, readonly string[], readonly string[]]>([
  [
    "dnsLabelFault",
    dnsLabelFault,
    ["a", "a-1", "1", long(63)],
    ["", "A", "-a", "a-", "a.b", "a_b", long(64)],
  ],
  [
    "dnsSubdomainFault",
    dnsSubdomainFault,
    ["a.b-c.1", long(253)],
    ["", ".a", "a..b", "a.", "A.b", long(254)],
  ],
  [
    "labelKeyFault",
    labelKeyFault,
    ["app", "a.b/C_d.e", `kubernetes.io/${long(63)}`],
    ["", "/a", "a/", "a/b/c", "A_b/c", "-a", "a b", long(64)],
  ],
  [
    "labelValueFault",
    labelValueFault,
    ["", "a", "A.b_c-1", long(63)],
    [" ", "-a", "a-", "a/b", "é", long(64)],
  ],
  [
    "portNameFault",
    portNameFault,
    ["http", "a", "8080-a", long(15)],
    ["", "80", "Http", "a--b", "-a", "a-", "a_b", long(16)],
  ],
])("%s", (_name, fault, good, bad) => {
  it.each(good)("accepts %j", (text) => expect(fault(text)).toBeUndefined());
  it.each(bad)("refuses %j", (text) => expect(fault(text)).toBeTypeOf("string"));
});

describe("closest", () => {
  it.each([
    ["podselector", "podSelector"],
    ["podSelecter", "podSelector"],
    ["podSlector", "podSelector"],
    ["ofrm", undefined],
    ["form", "from"],
    ["ingres", "ingress"],
    ["whatever", undefined],
  ])("of %s is %s", (text, expected) => {
    expect(closest(text, ["podSelector", "from", "ingress", "egress"])).toBe(expected);
  });

  it("counts a swap of neighbours once", () => {
    expect(editDistance("form", "from")).toBe(1);
    expect(editDistance("", "ab")).toBe(2);
  });
});
