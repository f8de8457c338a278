import type { FindingCode } from "./finding-codes.ts";

/** Something wrong with a text, at an offset into it. */
export interface TextProblem {
  readonly code: FindingCode;
  readonly offset: number;
  readonly message: string;
  readonly help?: string;
}

/**
 * Stands for a value that the text gives in a way that cannot be used: twice, or with broken aliases. A
 * {@link TextProblem} was reported where it was put, so whoever meets it says nothing more and reads no value.
 */
export const UNREADABLE: unique symbol = Symbol("unreadable");

/** True if {@link UNREADABLE} is somewhere in a value. */
export function containsUnreadable(value: unknown): boolean {
  if (value === UNREADABLE) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(containsUnreadable);
}

/** Sets a field, also one that is called `__proto__`, as an own field of the object. */
export function setField(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** The help for text that still has template actions in it, or undefined. */
export function templateHelp(text: string): string | undefined {
  if (!text.includes("{{")) return undefined;
  return "The text has {{ }} in it, as Helm charts have. Render it first, for instance: helm template CHART | podwall ... -";
}
