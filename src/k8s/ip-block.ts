import { type Cidr, cidrStrictlyInside, formatCidr } from "../net/cidr.ts";
import {
  addError,
  type Check,
  isAbsent,
  pathInWords,
  readList,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkCidr } from "./cidr.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import type { IpBlock } from "./objects.ts";

const IP_BLOCK: FieldSet = { name: "An ipBlock", fields: ["cidr", "except"] };

/** Reads networking.k8s.io/v1 IPBlock (`ValidateIPBlock`). Undefined if it is no block. */
export function readIpBlock(check: Check, value: unknown, path: FieldPath): IpBlock | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "string" ? `Write ipBlock: {cidr: ${v}}.` : "Write ipBlock: {cidr: ...}, without a dash.",
  );
  if (map === undefined) return undefined;
  checkFields(check, map, path, IP_BLOCK);
  if (isAbsent(map.cidr) || map.cidr === "") {
    addError(check, [...path, "cidr"], {
      code: "missing-field",
      message: `${pathInWords([...path, "cidr"])} is missing.`,
      help: "Say which addresses are meant, such as cidr: 10.0.0.0/8.",
    });
  }
  const cidrText = map.cidr === "" ? undefined : readText(check, map.cidr, [...path, "cidr"]);
  const cidr = cidrText === undefined ? undefined : checkCidr(check, cidrText, [...path, "cidr"], "ip-block");
  const except = readList(check, map.except, [...path, "except"], (v) =>
    typeof v === "string" ? `Write a list: except: [${v}].` : undefined,
  )?.flatMap((item, index) => readExcept(check, item, [...path, "except", index], cidr));
  if (cidrText === undefined) return undefined;
  return { cidr: cidrText, ...(except === undefined ? {} : { except }) };
}

function readExcept(
  check: Check,
  value: unknown,
  path: FieldPath,
  outer: Cidr | undefined,
): readonly string[] {
  if (isAbsent(value)) wrongType(check, value, path, "a CIDR such as 10.0.0.0/8");
  const text = readText(check, value, path);
  if (text === undefined) return [];
  const inner = checkCidr(check, text, path, "ip-block");
  if (inner === undefined || outer === undefined || cidrStrictlyInside(inner, outer)) return [text];
  const covers = inner.family === outer.family && inner.first <= outer.first && inner.last >= outer.last;
  addError(check, path, {
    code: covers ? "except-covers-cidr" : "except-outside-cidr",
    message: covers
      ? `except ${text} takes away all of cidr ${formatCidr(outer)}.`
      : `except ${text} is not inside cidr ${formatCidr(outer)}.`,
    help: covers
      ? "An except must be smaller than its cidr. To allow nothing, remove this peer."
      : "An except takes addresses away from the cidr of its own ipBlock. Correct it, or remove it.",
  });
  return [text];
}
