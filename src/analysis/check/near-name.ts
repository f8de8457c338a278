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
  return differing.length === 1 && differing.every(([a, b]) => isSlip(a, b));
}

function isSlip(a: string, b: string): boolean {
  const distance = editDistance(a, b);
  const length = Math.min(a.length, b.length);
  // Two letters that changed places.
  if (distance === 1 && length >= 3 && lettersOf(a) === lettersOf(b)) return true;
  // Another ending: print and printer.
  if (distance <= 2 && length >= 5 && (a.startsWith(b) || b.startsWith(a))) return true;
  // Of short words there are many that differ in a letter or two: dev and de, api and app, worker and broker.
  return length >= 4 && distance <= (length >= 7 ? 2 : 1);
}

function lettersOf(word: string): string {
  return [...word].sort().join("");
}

function partsOf(name: string): string[] {
  return name.toLowerCase().split(/[-_./]/);
}

function digitsOf(name: string): string {
  return name.replace(/\D/g, "");
}
