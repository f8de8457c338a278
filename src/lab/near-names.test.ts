import { describe, expect, it } from "vitest";
import { nearNames } from "./near-names.ts";

describe("nearNames", () => {
  const names = ["shop/db-0", "shop/db-1", "shop/frontend", "batch/report"];

  it("finds a name without its namespace, and a part of one", () => {
    expect(nearNames("frontend", names)).toEqual(["shop/frontend"]);
    expect(nearNames("shop/db", names)).toEqual(["shop/db-0", "shop/db-1"]);
  });

  it("finds a typing error, and nothing where nothing is near", () => {
    expect(nearNames("shop/frnotend", names)).toEqual(["shop/frontend"]);
    expect(nearNames("shop/bd-0", names)[0]).toBe("shop/db-0");
    expect(nearNames("kube-system/coredns", names)).toEqual([]);
  });
});
