import { describe, expect, it } from "vitest";
import { parseKubeconfig } from "./kubeconfig-file.ts";

describe("parseKubeconfig", () => {
  // The reader of manifests leaves out args and env, which no object needs; a kubeconfig needs them.
  it("keeps the arguments and the environment of a credential plugin, in JSON too", () => {
    const exec = { command: "login", args: ["--now"], env: [{ name: "A", value: "b" }] };
    const config = { kind: "Config", users: [{ name: "u", user: { exec } }] };
    const { users } = parseKubeconfig("config", JSON.stringify(config));
    expect(users.get("u")?.fields.exec).toEqual(exec);
  });
});
