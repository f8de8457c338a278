import { expect, it } from "vitest";
import { sentence } from "./sentence.ts";

it.each([
  ["404 page not found", "404 page not found."],
  ["Nothing listens there (connection refused).", "Nothing listens there (connection refused)."],
  ["Is the VPN up?", "Is the VPN up?"],
  ["nft said no\n", "nft said no."],
  ["", ""],
])("ends %j with a full stop where it has no end", (words, expected) => {
  expect(sentence(words)).toBe(expected);
});
