import { describe, expect, it } from "vitest";
import { parseAddress } from "../net/address.ts";
import { createAddressBook } from "./end.ts";

const address = (text: string) => parseAddress(text)!;
const node = (name: string, ...addresses: string[]) => ({
  name,
  labels: {},
  addresses: addresses.map(address),
});

describe("createAddressBook", () => {
  it("finds a node by each of its addresses, and no longer by those it lost", () => {
    const book = createAddressBook();
    book.setNode(node("n1", "192.0.2.1", "2001:db8::1"));
    expect([book.nodeAt(address("192.0.2.1")), book.nodeAt(address("2001:db8::1"))]).toEqual(["n1", "n1"]);
    book.setNode(node("n1", "192.0.2.2"));
    expect([book.nodeAt(address("192.0.2.1")), book.nodeAt(address("192.0.2.2"))]).toEqual([undefined, "n1"]);
    book.removeNode("n1");
    expect(book.nodeAt(address("192.0.2.2"))).toBeUndefined();
  });

  it("keeps an address for the node that is left of two", () => {
    const book = createAddressBook();
    book.setNode(node("n1", "192.0.2.1"));
    book.setNode(node("n2", "192.0.2.1"));
    book.removeNode("n1");
    expect(book.nodeAt(address("192.0.2.1"))).toBe("n2");
  });
});
