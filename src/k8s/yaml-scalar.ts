// Plain (unquoted) YAML scalars as kubectl reads them: sigs.k8s.io/yaml, that is go-yaml v2 `resolve.go`, which
// follows YAML 1.1 for booleans and Go's `strconv` for numbers.

/** What a scalar can be once read. */
export type ScalarValue = null | boolean | number | string;

const CONSTANTS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (word): [string, ScalarValue] => [word, true],
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (word): [string, ScalarValue] => [word, false],
  ),
  ...["~", "null", "Null", "NULL"].map((word): [string, ScalarValue] => [word, null]),
  ...[".nan", ".NaN", ".NAN"].map((word): [string, ScalarValue] => [word, Number.NaN]),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word): [string, ScalarValue] => [
    word,
    Number.POSITIVE_INFINITY,
  ]),
  ...["-.inf", "-.Inf", "-.INF"].map((word): [string, ScalarValue] => [word, Number.NEGATIVE_INFINITY]),
]);

const LONGEST_CONSTANT = 5;

// First characters that can start something other than text: constants, then numbers.
const MAYBE_CONSTANT = 1;
const MAYBE_NUMBER = 2;
const FIRST_CHARACTER: Uint8Array = new Uint8Array(128);
for (const c of "yYnNtTfFoO~") FIRST_CHARACTER[c.charCodeAt(0)] = MAYBE_CONSTANT;
for (const c of "0123456789+-.") FIRST_CHARACTER[c.charCodeAt(0)] = MAYBE_NUMBER;

/**
 * The value of a plain scalar without a tag. `yes`, `On`, `n` are booleans, `0777` is octal, `1_000` a number;
 * dates and `12:30` stay text, as does mixed case such as `yEs`.
 */
export function resolvePlainScalar(text: string): ScalarValue {
  if (text.length === 0) return null;
  const first = FIRST_CHARACTER[text.charCodeAt(0)];
  if (first === undefined || first === 0) return text;
  if (text.length <= LONGEST_CONSTANT) {
    const constant = CONSTANTS.get(text);
    if (constant !== undefined) return constant;
  }
  return first === MAYBE_NUMBER ? resolveNumber(text) : text;
}

const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
const PREFIXED = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function resolveNumber(text: string): number | string {
  // Go reads a number that starts with a dot without dropping underscores.
  const digits = text.includes("_") && text.charCodeAt(0) !== 46 ? text.replaceAll("_", "") : text;
  // Adding 0 turns -0 into 0: it is an integer.
  if (DECIMAL.test(digits)) return Number(digits) + 0;
  const prefixed = PREFIXED.exec(digits);
  if (prefixed !== null) {
    const integer = prefixedInteger(prefixed);
    if (integer !== undefined) return integer;
  }
  if (FLOAT.test(digits)) {
    const value = Number(digits);
    if (Number.isFinite(value)) return value;
  }
  return text;
}

/** The integer, or undefined where Go's `ParseInt` and `ParseUint` of 64 bits refuse it. */
function prefixedInteger(match: RegExpExecArray): number | undefined {
  const [, sign, hex, octal, binary] = match;
  const magnitude = BigInt(
    hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : `0b${binary}`,
  );
  const limit = sign === "" ? 2n ** 64n : sign === "-" ? 2n ** 63n + 1n : 2n ** 63n;
  if (magnitude >= limit) return undefined;
  return sign === "-" ? 0 - Number(magnitude) : Number(magnitude);
}

/** A mapping key as text, as sigs.k8s.io/yaml turns it into JSON; undefined for `null`, which it refuses. */
export function keyText(value: ScalarValue): string | undefined {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  if (value === Number.POSITIVE_INFINITY) return ".inf";
  if (value === Number.NEGATIVE_INFINITY) return "-.inf";
  if (Number.isNaN(value)) return ".nan";
  return String(value);
}
