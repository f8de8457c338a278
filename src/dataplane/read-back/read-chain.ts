import type { ProgramChain } from "../program/program.ts";
import type { JsonObject } from "./json-shapes.ts";

const HOOKS: readonly NonNullable<ProgramChain["hook"]>[] = ["forward", "input", "output"];

/** Reads an object `chain` of nft's JSON; its rules are objects of their own. nft 1.0.6 does not tell its comment. */
export function readChain(object: JsonObject, rules: readonly string[]): ProgramChain {
  const { type, prio, policy, comment } = object;
  const hook = HOOKS.find((each) => each === object.hook);
  const isOurs =
    object.hook === undefined ||
    (hook !== undefined &&
      type === "filter" &&
      prio === 0 &&
      policy === "accept" &&
      object.dev === undefined);
  return {
    name: String(object.name),
    ...(typeof comment === "string" ? { comment } : {}),
    ...(hook === undefined ? {} : { hook }),
    ...(isOurs
      ? {}
      : { foreign: `type ${type} hook ${object.hook} priority ${JSON.stringify(prio)}; policy ${policy};` }),
    rules,
  };
}
