import { expect, it } from "vitest";
import { type AgentOptions, nodeOf } from "./agent-options.ts";
import { UsageError } from "./usage-error.ts";

it("takes the node from the option before the environment", () => {
  const options = (node?: string): AgentOptions =>
    ({ ...(node === undefined ? {} : { node }) }) as AgentOptions;
  expect(nodeOf(options("a"), { NODE_NAME: "b" })).toBe("a");
  expect(nodeOf(options(), { NODE_NAME: "b" })).toBe("b");
  expect(() => nodeOf(options(), {})).toThrow("NODE_NAME");
  expect(() => nodeOf(options(), { NODE_NAME: "" })).toThrow(UsageError);
});
