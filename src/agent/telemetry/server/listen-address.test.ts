import { describe, expect, it } from "vitest";
import { listenError, parseListenAddress } from "./listen-address.ts";

describe("parseListenAddress", () => {
  it.each([
    ["0.0.0.0:9643", { host: "0.0.0.0", port: 9643 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    [":9643", { port: 9643 }],
  ])("reads %s", (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(["", "9643", "0.0.0.0", "0.0.0.0:", "::1:9643", "1.2.3.4:65536", "[::1]", "a:b", "[x]:1"])(
    "refuses %j and says what is wanted",
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(/^--listen .*such as 0\.0\.0\.0:9643/);
    },
  );
});

describe("listenError", () => {
  it.each(["EADDRINUSE", "EADDRNOTAVAIL", "ENOTFOUND", "EAFNOSUPPORT", "EACCES", "EINVAL"])(
    "says for %s what to do",
    (code) => {
      const error = Object.assign(new Error(`listen ${code}`), { code });
      expect(listenError(error, "0.0.0.0:80", 80).message).toMatch(
        /^cannot listen on 0\.0\.0\.0:80: .*--listen/,
      );
    },
  );
});
