import { X509Certificate } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podwall, type RunResult } from "../cli/run-podwall.ts";
import { describeApiServer } from "./binaries.ts";
import { grant, mayList, pod } from "./cluster-objects.ts";
import { startProxy } from "./connect-proxy.ts";
import { freePorts } from "./free-port.ts";
import { type TestContext, writeKubeconfig } from "./kubeconfig.ts";
import { createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const EXEC = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };

describeApiServer("the way to a cluster", () => {
  let server: ApiServer;
  let count = 0;

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "reader" }] });
    const all = [mayList("", "pods", "nodes", "namespaces"), mayList("networking.k8s.io", "networkpolicies")];
    await createObjects(server.requests, [
      pod("default", "web", { address: "10.1.0.1" }),
      ...grant("reader", all),
    ]);
  });
  afterAll(() => server?.stop());

  /** A kubeconfig with one context. */
  function config(fields: Partial<TestContext>): string {
    return writeKubeconfig(server, `config-${count++}`, [{ name: "prod", user: {}, ...fields }]);
  }
  const map = (kubeconfig: string, env: Record<string, string> = {}): Promise<RunResult> =>
    podwall(["map", "--kubeconfig", kubeconfig], { env });
  const user = (fields: object): Promise<RunResult> => map(config({ user: fields }));
  const cluster = (fields: Record<string, unknown>): Promise<RunResult> =>
    map(config({ user: { token: server.tokens.reader }, cluster: fields }));

  function expectMap({ code, stdout, stderr }: RunResult): void {
    expect(stderr).toBe("");
    expect(stdout).toContain("web");
    expect(code).toBe(0);
  }
  function expectRefusal({ code, stdout, stderr }: RunResult, ...words: readonly string[]): void {
    for (const each of words) expect(stderr).toContain(each);
    expect(stderr).not.toContain("podwall itself");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  }
  function script(name: string, text: string): string {
    const file = join(server.folder, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  describe("credentials", () => {
    it("may be a token, in the kubeconfig or in a file", async () => {
      expectMap(await user({ token: server.tokens.reader }));
      writeFileSync(join(server.folder, "token"), `${server.tokens.reader}\n`);
      // Relative to the folder of the kubeconfig.
      expectMap(await user({ tokenFile: "token", token: "an older one" }));
      expectRefusal(await user({ tokenFile: "no-token" }), "no-token cannot be read: there is no such file");
    });

    it("may be a client certificate", async ({ skip }) => {
      if (server.clients === undefined) return skip("openssl is not installed");
      const { certificate, key } = server.clients.issue("reader", ["people"]);
      writeFileSync(join(server.folder, "reader.crt"), certificate);
      expectMap(
        await user({
          "client-certificate": "reader.crt",
          "client-key-data": Buffer.from(key).toString("base64"),
        }),
      );
      const other = server.clients.issue("other", []);
      const mixed = {
        "client-certificate-data": Buffer.from(certificate).toString("base64"),
        "client-key-data": Buffer.from(other.key).toString("base64"),
      };
      expectRefusal(await user(mixed), "Does the client-key belong to the client-certificate");
      expectRefusal(await user({ "client-key-data": mixed["client-key-data"] }), "client-key without its");
    });

    it("are said to have expired where that can be told", async ({ skip }) => {
      if (server.clients === undefined) return skip("openssl is not installed");
      const { certificate, key } = server.clients.issue("late", [], 0);
      const ends = Date.parse(new X509Certificate(certificate).validTo);
      while (Date.now() <= ends + 1000) await sleep(100);
      expectRefusal(
        await user({
          "client-certificate-data": Buffer.from(certificate).toString("base64"),
          "client-key-data": Buffer.from(key).toString("base64"),
        }),
        "does not accept the credentials of user prod-user (401",
        `The client certificate of user prod-user has expired on ${new Date(ends).toISOString().slice(0, 10)}`,
      );
    });

    it("may impersonate", async () => {
      const token = server.tokens.admin;
      expectMap(await user({ token, as: "reader" }));
      expectMap(await user({ token, as: "someone", "as-groups": ["system:masters"] }));
      expectRefusal(await user({ token, as: "someone" }), "You (user someone) may not list");
    });

    it("are said to be refused", async () => {
      expectRefusal(
        await user({ token: "wrong" }),
        `${server.url} does not accept the credentials of user prod-user (401, Unauthorized).`,
        "A token or a certificate may have expired. Log in again",
      );
    });

    it("without any, the server knows nobody", async () => {
      expectRefusal(await user({}), "You (user system:anonymous) may not list");
    });
  });

  describe("exec plugins", () => {
    const credential = (status: object): string =>
      `echo '${JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status })}'`;

    it("give a token", async () => {
      script("give-token", `echo run >> "$LOG"\n${credential({ token: server.tokens.reader })}`);
      const log = join(server.folder, "give-token.log");
      const env = [{ name: "LOG", value: log }];
      expectMap(await user({ exec: { ...EXEC, command: "./give-token", env } }));
      // Once for all requests.
      expect(readFileSync(log, "utf8")).toBe("run\n");
    });

    it("give a certificate", async ({ skip }) => {
      if (server.clients === undefined) return skip("openssl is not installed");
      const { certificate, key } = server.clients.issue("reader", []);
      const status = { clientCertificateData: certificate, clientKeyData: key };
      writeFileSync(
        join(server.folder, "certificate.json"),
        JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status }),
      );
      const args = [join(server.folder, "certificate.json")];
      expectMap(await user({ exec: { ...EXEC, command: "cat", args } }));
    });

    it("are asked again when their token has grown old", async () => {
      // The first token is refused by the server, as one that it has revoked.
      const file = join(server.folder, "asked");
      const old = credential({ token: "revoked" });
      const fresh = credential({ token: server.tokens.reader });
      const command = script("renew", `if [ -e ${file} ]; then\n${fresh}\nelse touch ${file}\n${old}\nfi`);
      expectMap(await user({ exec: { ...EXEC, command } }));
    });

    it("are told about the cluster", async () => {
      const told = join(server.folder, "told.json");
      const command = script(
        "listen",
        `printf %s "$KUBERNETES_EXEC_INFO" > ${told}\n${credential({ token: server.tokens.reader })}`,
      );
      expectMap(await user({ exec: { ...EXEC, command, provideClusterInfo: true } }));
      expect(JSON.parse(readFileSync(told, "utf8"))).toEqual({
        apiVersion: EXEC.apiVersion,
        kind: "ExecCredential",
        spec: {
          interactive: false,
          cluster: {
            server: server.url,
            "certificate-authority-data": readFileSync(server.authorityFile).toString("base64"),
          },
        },
      });
    });

    it("fail in their own words", async () => {
      const command = script("fail", "echo your session has ended >&2; exit 4");
      expectRefusal(
        await user({ exec: { ...EXEC, command } }),
        "The credential plugin fail of user prod-user (context prod) failed with status 4:\n    your session has ended\n",
      );
    });

    it("fail where they are missing, or give nothing of use", async () => {
      const missing = { ...EXEC, command: "no-such-plugin", installHint: "Get it from the platform team." };
      expectRefusal(
        await user({ exec: missing }),
        "no-such-plugin of user prod-user (context prod) is not installed, or not in PATH.\n  Get it from the platform team.",
      );
      const printing = (text: string): Promise<RunResult> =>
        user({ exec: { ...EXEC, command: "echo", args: [text] } });
      expectRefusal(await printing("hello"), "printed no JSON");
      expectRefusal(await printing("{}"), "printed no ExecCredential");
      expectRefusal(
        await printing(JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status: {} })),
        "gave neither a token nor a certificate",
      );
      expectRefusal(
        await user({ exec: { ...EXEC, command: "true", interactiveMode: "Always" } }),
        "must ask you something, and there is no terminal",
      );
      expectRefusal(
        await user({ exec: { command: "true", apiVersion: "client.authentication.k8s.io/v1alpha1" } }),
        "which is gone",
      );
    });
  });

  describe("the server", () => {
    it("is known by its authority", async () => {
      expectMap(
        await cluster({
          "certificate-authority": undefined,
          "certificate-authority-data": readFileSync(server.authorityFile).toString("base64"),
        }),
      );
      expectRefusal(
        await cluster({ "certificate-authority": undefined }),
        "is not signed by an authority that this machine trusts",
      );
      expectMap(await cluster({ "certificate-authority": undefined, "insecure-skip-tls-verify": true }));
      expectRefusal(await cluster({ "insecure-skip-tls-verify": true }), "at once");
      expectRefusal(
        await cluster({ "certificate-authority": "none.crt" }),
        "none.crt cannot be read: there is no such file",
      );
    });

    it("is not taken for another cluster's", async ({ skip }) => {
      if (server.clients === undefined) return skip("openssl is not installed");
      expectRefusal(
        await cluster({ "certificate-authority": server.clients.file }),
        "is not signed by the authority of context prod",
        `Trusted was: ${server.clients.file}`,
      );
    });

    it("is known by its name", async () => {
      const url = server.url.replace("127.0.0.1", "localhost");
      expectRefusal(
        await cluster({ "tls-server-name": "elsewhere.example" }),
        "is for other names: DNS:kubernetes",
      );
      expectMap(await cluster({ server: url, "tls-server-name": "kubernetes.default.svc" }));
    });

    it("may be down, or unknown", async () => {
      const [port] = await freePorts(1);
      expectRefusal(
        await cluster({ server: `https://127.0.0.1:${port}` }),
        `Nothing listens at https://127.0.0.1:${port} (connection refused).`,
        "context prod of ",
      );
      expectRefusal(
        await cluster({ server: "https://no-such-cluster.invalid:6443" }),
        "The name no-such-cluster.invalid cannot be found",
      );
    });

    it("may take too long to answer the phone", async () => {
      const sockets: Socket[] = [];
      const silent: Server = createServer((socket) => sockets.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      const result = await cluster({ server: `https://127.0.0.1:${port}` });
      for (const socket of sockets) socket.destroy();
      silent.close();
      expectRefusal(result, `127.0.0.1:${port} does not answer (timed out).`);
    });

    it("may speak another language", async () => {
      expectRefusal(
        await cluster({ server: server.url.replace("https:", "http:"), "certificate-authority": undefined }),
        "wants TLS.\n  Write https://",
      );
    });

    it("may be behind a proxy", async () => {
      const proxy = await startProxy();
      try {
        expectMap(await cluster({ "proxy-url": proxy.url }));
        expect(proxy.asked()).toContain(new URL(server.url).host);
        const before = proxy.asked().length;
        // The environment's proxy is for other machines than this one.
        const direct = config({ user: { token: server.tokens.reader } });
        expectMap(await map(direct, { HTTPS_PROXY: proxy.url }));
        expect(proxy.asked()).toHaveLength(before);
        expectRefusal(
          await cluster({ server: "https://refused.invalid:6443", "proxy-url": proxy.url }),
          "does not connect to refused.invalid:6443: 502",
        );
      } finally {
        await proxy.stop();
      }
      expectRefusal(await cluster({ "proxy-url": proxy.url }), "The proxy 127.0.0.1:", "cannot be reached");
      expectRefusal(await cluster({ "proxy-url": "socks5://127.0.0.1:1" }), "is not supported");
    });
  });

  describe("contexts", () => {
    it("are found in several files, the first of which counts", async () => {
      const first = writeKubeconfig(
        server,
        "first",
        [{ name: "prod", user: { token: server.tokens.reader } }],
        undefined,
      );
      writeFileSync(first, readFileSync(first, "utf8").replace('"current-context":"prod",', ""));
      const second = writeKubeconfig(server, "second", [
        { name: "test", user: { token: "wrong" } },
        { name: "prod", user: { token: "wrong" } },
      ]);
      const KUBECONFIG = [first, join(server.folder, "not-there"), second].join(delimiter);
      expectMap(await podwall(["map", "--context", "prod"], { env: { KUBECONFIG } }));
      expectRefusal(await podwall(["map", "--live"], { env: { KUBECONFIG } }), "of user test-user (401");
      expectRefusal(
        await podwall(["map", "--context", "prdo"], { env: { KUBECONFIG } }),
        "has no context prdo.\n  Did you mean prod?",
      );
      expectRefusal(
        await podwall(["map", "--kubeconfig", first]),
        "has no current context.\n  Choose one with --context: prod.",
      );
    });

    it("are those of the home directory unless told otherwise", async () => {
      const { code, stderr } = await podwall(["map", "--live"], {
        env: { KUBECONFIG: "", HOME: server.folder, KUBERNETES_SERVICE_HOST: "" },
      });
      expect(code).toBe(2);
      expect(stderr).toContain(`${join(server.folder, ".kube/config")} does not exist`);
    });
  });
});
