import { closest, editDistance } from "../../k8s/suggest.ts";

/**
 * The name that was probably meant, where another one looks like a typing error of it. Stricter than for fields of
 * objects: names are made by people, and `team-a` and `team-b`, `web1` and `web2` are two things.
 */
export function nearName(name: string, candidates: Iterable<string>): string | undefined {
  return closest(
    name,
    [...candidates].filter((candidate) => looksMistyped(name, candidate)),
  );
}

function looksMistyped(name: string, candidate: string): boolean {
  if (name === candidate || digitsOf(name) !== digitsOf(candidate)) return false;
  const [own, other] = [partsOf(name), partsOf(candidate)];
  // A separator that is missing or too many.
  if (own.join("") === other.join("")) return true;
  if (own.length !== other.length) return false;
  const differing = own.map((part, i) => [part, other[i]!] as const).filter(([a, b]) => a !== b);
  return (
    differing.length === 1 &&
    differing.every(([a, b]) => {
      const length = Math.min(a.length, b.length);
      // Of short words there are many that differ in a letter: dev and de, api and app.
      return length >= 4 && editDistance(a, b) <= (length >= 7 ? 2 : 1);
    })
  );
}

function partsOf(name: string): string[] {
  return name.toLowerCase().split(/[-_./]/);
}

function digitsOf(name: string): string {
  return name.replace(/\D/g, "");
}
