import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { namespaceObject, podObject } from "../cluster/objects.fixture.ts";
import { parseAddress } from "../net/address.ts";
import { createAddressBook } from "./end.ts";

describe("the address book", () => {
  const { pods } = buildCluster([
    namespaceObject("shop"),
    podObject("old", { addresses: ["10.0.0.1"] }),
    podObject("young", { addresses: ["10.0.0.1"] }),
  ]).cluster;
  const [old, young] = pods as [(typeof pods)[0], (typeof pods)[0]];
  const address = parseAddress("10.0.0.1")!;

  it("gives an address that two pods claim to the later one, and back when that goes first", () => {
    const book = createAddressBook();
    book.setPod(old);
    book.setPod(young);
    expect(book.podAt(address)).toBe(young);
    book.removePod(young);
    expect(book.podAt(address)).toBe(old);
    book.removePod(old);
    expect(book.podAt(address)).toBeUndefined();
  });

  it("keeps it with the later one when the earlier goes, as news of its end come late", () => {
    const book = createAddressBook();
    book.setPod(old);
    book.setPod(young);
    book.removePod(old);
    expect(book.podAt(address)).toBe(young);
    book.removePod(young);
    expect(book.podAt(address)).toBeUndefined();
  });
});
