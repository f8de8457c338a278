import { describe, expect, it } from "vitest";
import { withBareValues } from "./bare-options.ts";

describe("an option without its value", () => {
  it.each([
    ["lab --flows examples/shop", "lab --flows=denied examples/shop"],
    ["lab --flows=all examples/shop", "lab --flows=all examples/shop"],
    ["check --fix examples/shop", "check --fix=safe examples/shop"],
    ["check --fix=all .", "check --fix=all ."],
    ["map --fix .", "map --fix ."],
    ["lab --keep . --flows", "lab --keep . --flows=denied"],
    ["lab -- --flows", "lab -- --flows"],
    ["lab exec shop/db -- ip --flows", "lab exec shop/db -- ip --flows"],
    ["map --flows", "map --flows"],
  ])("%s is %s", (written, meant) => {
    expect(withBareValues(written.split(" ")).join(" ")).toBe(meant);
  });
});
