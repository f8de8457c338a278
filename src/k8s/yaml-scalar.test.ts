import { describe, expect, it } from "vitest";
import { keyText, resolvePlainScalar } from "./yaml-scalar.ts";

describe("resolvePlainScalar", () => {
  it.each(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"])(
    "reads %s as true",
    (word) => {
      expect(resolvePlainScalar(word)).toBe(true);
    },
  );

  it.each(["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"])(
    "reads %s as false",
    (word) => {
      expect(resolvePlainScalar(word)).toBe(false);
    },
  );

  it.each(["", "~", "null", "Null", "NULL"])("reads '%s' as null", (word) => {
    expect(resolvePlainScalar(word)).toBeNull();
  });

  it.each<[string, number]>([
    ["0", 0],
    ["-0", 0],
    ["+12", 12],
    ["0777", 511],
    ["0o17", 15],
    ["0x1f", 31],
    ["0X1F", 31],
    ["-0x10", -16],
    ["0b101", 5],
    ["1_000", 1000],
    ["0_7", 7],
    ["08", 8],
    ["1.5", 1.5],
    ["1.", 1],
    [".5", 0.5],
    ["-.5", -0.5],
    ["1e3", 1000],
    ["1_0.5", 10.5],
    ["12e03", 12000],
    [".inf", Number.POSITIVE_INFINITY],
    ["+.Inf", Number.POSITIVE_INFINITY],
    ["-.INF", Number.NEGATIVE_INFINITY],
    [".nan", Number.NaN],
    ["18446744073709551615", 2 ** 64],
  ])("reads %s as the number %d", (text, value) => {
    expect(resolvePlainScalar(text)).toBe(value);
  });

  it.each([
    "yEs",
    "tRUE",
    "nULL",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "12:30",
    "1.2.3",
    "1e",
    "0x",
    "0xg",
    "0b2",
    "_1",
    ".",
    "._5",
    "+",
    "-",
    "--1",
    "1e400",
    ".Nan",
    "0x1ffffffffffffffff",
    "10.0.0.0/8",
    "nope",
    "<<",
    "é",
  ])("leaves %s text", (text) => {
    expect(resolvePlainScalar(text)).toBe(text);
  });
});

describe("keyText", () => {
  it.each<[string, string | undefined]>([
    ["yes", "true"],
    ["off", "false"],
    ["0x10", "16"],
    ["1.50", "1.5"],
    [".inf", ".inf"],
    ["~", undefined],
    ["app", "app"],
  ])("turns the key %s into %s", (key, text) => {
    expect(keyText(resolvePlainScalar(key))).toBe(text);
  });
});
