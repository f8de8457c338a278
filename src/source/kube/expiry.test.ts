import { describe, expect, it } from "vitest";
import { expiredInWords } from "./expiry.ts";

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (claims: object): string => `${encoded({ alg: "none" })}.${encoded(claims)}.c2ln`;
const END = Date.UTC(2026, 0, 2, 3, 4) / 1000;

describe("expiredInWords", () => {
  it("says when a JSON Web Token has expired", () => {
    const user = { name: "me", token: token({ exp: END }) };
    expect(expiredInWords(user, END * 1000)).toBe(
      "The token of user me has expired on 2026-01-02 03:04 UTC.",
    );
    expect(expiredInWords(user, END * 1000 - 1)).toBeUndefined();
  });

  it.each(["secret", "a.b.c", token({}), token({ exp: "soon" })])(
    "says nothing of a token that does not tell: %s",
    (text) => {
      expect(expiredInWords({ name: "me", token: text }, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    },
  );

  it("says nothing of what is no certificate", () => {
    const certificate = { certificate: "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n", key: "" };
    expect(expiredInWords({ name: "me", certificate }, 0)).toBeUndefined();
  });
});
