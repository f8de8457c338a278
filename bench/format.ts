import type { Measure, Unit } from "./result.ts";

/** A number in about three significant digits, large ones with thousands separated: `0.012`, `4.56`, `78.9`, `12,345`. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3);
}

/** A quantity in the unit in which people would say it: `1.23 s` rather than `1,234 ms`. */
export function formatQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case "us":
      return value >= 1000 ? formatQuantity(value / 1000, "ms") : `${formatNumber(value)} us`;
    case "ms":
      return value >= 1000 ? `${formatNumber(value / 1000)} s` : `${formatNumber(value)} ms`;
    case "verdicts/s":
      return value >= 1e6 ? `${formatNumber(value / 1e6)} M/s` : `${formatNumber(value / 1e3)} k/s`;
    case "conn/s":
      return `${formatNumber(value)}/s`;
    case "Gbit/s":
    case "MB/s":
    case "MB":
      return `${formatNumber(value)} ${unit}`;
  }
}

/** `min - max`, or nothing for a single sample. */
export function formatSpread({ samples, min, max, unit }: Measure): string {
  return samples === 1 ? "" : `${formatQuantity(min, unit)} - ${formatQuantity(max, unit)}`;
}
