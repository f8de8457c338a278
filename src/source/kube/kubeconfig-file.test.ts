import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { KubeError } from "./kube-error.ts";
import { loadContext } from "./kubeconfig.ts";
import { parseKubeconfig } from "./kubeconfig-file.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = `
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: one
  cluster: {server: api.example:6443/base/}
users:
- name: me
  user: USER
contexts:
- name: prod
  context: {cluster: one, user: me, namespace: shop}
- name: anonymous
  context: {cluster: one}
- name: halved
  context: {cluster: two, user: me}
- name: forgotten
  context: {cluster: one, user: you}
`;

let count = 0;
function written(user: string): string {
  const file = join(folder, `config-${count++}`);
  writeFileSync(file, CONFIG.replace("USER", user));
  return file;
}

describe("parseKubeconfig", () => {
  it("points at what is no YAML", () => {
    expect(() => parseKubeconfig("config", "kind: Config\nclusters: [")).toThrow(/^config:2:\d+: /);
  });

  it.each([
    ["kind: Pod", "config is no kubeconfig: its kind is not Config."],
    ["- a list", "config is no kubeconfig"],
    ["clusters: 3", "config: clusters must be a list."],
    ["users: [{user: {}}]", "config: users[0] must have a name and a user."],
  ])("refuses %s", (text, message) => {
    expect(() => parseKubeconfig("config", text)).toThrow(message);
  });

  it("takes an empty file for one without entries", () => {
    expect(parseKubeconfig("config", "\n").contexts.size).toBe(0);
  });
});

describe("loadContext", () => {
  it("takes a context with all that it leads to", async () => {
    const file = written("{token: abc}");
    expect(await loadContext({ kubeconfig: file })).toEqual({
      name: "prod",
      file,
      server: "https://api.example:6443/base",
      namespace: "shop",
      tls: { insecure: false },
      user: { name: "me", token: "abc" },
    });
    expect((await loadContext({ kubeconfig: file, context: "anonymous" })).user).toEqual({
      name: "anonymous",
    });
  });

  it.each([
    ["halved", "names cluster two, which is not there"],
    ["forgotten", "names user you, which is not there"],
    ["elsewhere", "There are: prod, anonymous, halved, forgotten."],
  ])("says what context %s lacks", async (context, words) => {
    const error = await loadContext({ kubeconfig: written("{}"), context }).catch((each: unknown) => each);
    const { message, help } = error as { message: string; help: string };
    expect(`${message} ${help}`).toContain(words);
  });

  it.each([
    ["{token: 12345}", "token of user me of", "Put it in quotes."],
    ["{username: me, password: [a]}", "password of user me of", undefined],
    ["{auth-provider: {name: gcp}}", 'uses auth-provider "gcp"', "exec plugin"],
    ["{exec: {command: x}}", "has no apiVersion", undefined],
    [
      "{exec: {command: x, apiVersion: v1, env: [{name: A, value: 1}]}}",
      "must be a list of {name: ..., value: ...} with texts",
      "Put numbers",
    ],
    [
      "{client-certificate-data: bm9uZQ==, client-key-data: bm9uZQ==}",
      "client-certificate-data of user me",
      "PEM",
    ],
  ])("refuses the user %s", async (user, message, help) => {
    const loading = loadContext({ kubeconfig: written(user) });
    await expect(loading).rejects.toThrow(message);
    const error = (await loading.catch((each: unknown) => each)) as Error & { help?: string };
    expect(`${error.message} ${error.help ?? ""}`).toContain(help ?? "");
    // Secrets are not for the terminal.
    expect(error.message).not.toContain("12345");
  });

  it("uses a pod's own account where there is no kubeconfig", async () => {
    const env = {
      KUBECONFIG: join(folder, "none"),
      KUBERNETES_SERVICE_HOST: "fd00::1",
      KUBERNETES_SERVICE_PORT: "443",
    };
    const found: unknown = await loadContext({}, env).catch((error: unknown) => error);
    // Where the tests do not run in a pod, it has none, and that is what is said.
    if (found instanceof KubeError) {
      expect(found.message).toContain("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt cannot be read");
    } else {
      expect(found).toMatchObject({ name: "in-cluster", server: "https://[fd00::1]:443" });
    }
  });
});
