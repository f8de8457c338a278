import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { podwall } from "../cli/run-podwall.ts";
import { describeApiServer } from "./binaries.ts";
import { startProxy } from "./connect-proxy.ts";
import { freePorts } from "./free-port.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { expectMap, expectRefusal, smallCluster } from "./small-cluster.ts";

describeApiServer("the way to a cluster", () => {
  const cluster = smallCluster();

  describe("credentials", () => {
    it("may be a token, in the kubeconfig or in a file", async () => {
      expectMap(await cluster.mapAs({ token: cluster.server.tokens.reader }));
      writeFileSync(join(cluster.server.folder, "token"), `${cluster.server.tokens.reader}\n`);
      // Relative to the folder of the kubeconfig.
      expectMap(await cluster.mapAs({ tokenFile: "token", token: "an older one" }));
      expectRefusal(
        await cluster.mapAs({ tokenFile: "no-token" }),
        "no-token cannot be read: there is no such file",
      );
    });

    it("may be a client certificate", async ({ skip }) => {
      if (cluster.server.clients === undefined) return skip("openssl is not installed");
      const { certificate, key } = cluster.server.clients.issue("reader", ["people"]);
      writeFileSync(join(cluster.server.folder, "reader.crt"), certificate);
      expectMap(
        await cluster.mapAs({
          "client-certificate": "reader.crt",
          "client-key-data": Buffer.from(key).toString("base64"),
        }),
      );
      const other = cluster.server.clients.issue("other", []);
      const mixed = {
        "client-certificate-data": Buffer.from(certificate).toString("base64"),
        "client-key-data": Buffer.from(other.key).toString("base64"),
      };
      expectRefusal(await cluster.mapAs(mixed), "Does the client-key belong to the client-certificate");
      expectRefusal(
        await cluster.mapAs({ "client-key-data": mixed["client-key-data"] }),
        "client-key without its",
      );
    });

    it("are said to have expired where that can be told", async ({ skip }) => {
      if (cluster.server.clients === undefined) return skip("openssl is not installed");
      const { certificate, key } = cluster.server.clients.issue("late", [], 0);
      const ends = Date.parse(new X509Certificate(certificate).validTo);
      while (Date.now() <= ends + 1000) await sleep(100);
      expectRefusal(
        await cluster.mapAs({
          "client-certificate-data": Buffer.from(certificate).toString("base64"),
          "client-key-data": Buffer.from(key).toString("base64"),
        }),
        "does not accept the credentials of user prod-user (401",
        `The client certificate of user prod-user has expired on ${new Date(ends).toISOString().slice(0, 10)}`,
      );
    });

    it("may impersonate", async () => {
      const token = cluster.server.tokens.admin;
      expectMap(await cluster.mapAs({ token, as: "reader" }));
      expectMap(await cluster.mapAs({ token, as: "someone", "as-groups": ["system:masters"] }));
      expectRefusal(await cluster.mapAs({ token, as: "someone" }), "You (user someone) may not list");
    });

    it("are said to be refused", async () => {
      expectRefusal(
        await cluster.mapAs({ token: "wrong" }),
        `${cluster.server.url} does not accept the credentials of user prod-user (401, Unauthorized).`,
        "A token or a certificate may have expired. Log in again",
      );
    });

    it("without any, the server knows nobody", async () => {
      expectRefusal(await cluster.mapAs({}), "You (user system:anonymous) may not list");
    });
  });

  describe("the server", () => {
    it("is known by its authority", async () => {
      expectMap(
        await cluster.mapOf({
          "certificate-authority": undefined,
          "certificate-authority-data": readFileSync(cluster.server.authorityFile).toString("base64"),
        }),
      );
      expectRefusal(
        await cluster.mapOf({ "certificate-authority": undefined }),
        "is not signed by an authority that this machine trusts",
      );
      expectMap(
        await cluster.mapOf({ "certificate-authority": undefined, "insecure-skip-tls-verify": true }),
      );
      expectRefusal(await cluster.mapOf({ "insecure-skip-tls-verify": true }), "at once");
      expectRefusal(
        await cluster.mapOf({ "certificate-authority": "none.crt" }),
        "none.crt cannot be read: there is no such file",
      );
    });

    it("is not taken for another cluster's", async ({ skip }) => {
      if (cluster.server.clients === undefined) return skip("openssl is not installed");
      expectRefusal(
        await cluster.mapOf({ "certificate-authority": cluster.server.clients.file }),
        "is not signed by the authority of context prod",
        `Trusted was: ${cluster.server.clients.file}`,
      );
    });

    it("is known by its name", async () => {
      const url = cluster.server.url.replace("127.0.0.1", "localhost");
      expectRefusal(
        await cluster.mapOf({ "tls-server-name": "elsewhere.example" }),
        "is for other names: DNS:kubernetes",
      );
      expectMap(await cluster.mapOf({ server: url, "tls-server-name": "kubernetes.default.svc" }));
    });

    it("may be down, or unknown", async () => {
      const [port] = await freePorts(1);
      expectRefusal(
        await cluster.mapOf({ server: `https://127.0.0.1:${port}` }),
        `Nothing listens at https://127.0.0.1:${port} (connection refused).`,
        "context prod of ",
      );
      expectRefusal(
        await cluster.mapOf({ server: "https://no-such-cluster.invalid:6443" }),
        "The name no-such-cluster.invalid cannot be found",
      );
    });

    it("may take too long to answer the phone", async () => {
      const sockets: Socket[] = [];
      const silent: Server = createServer((socket) => sockets.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      const result = await cluster.mapOf({ server: `https://127.0.0.1:${port}` });
      for (const socket of sockets) socket.destroy();
      silent.close();
      expectRefusal(result, `127.0.0.1:${port} does not answer (timed out).`);
    });

    it("may speak another language", async () => {
      expectRefusal(
        await cluster.mapOf({
          server: cluster.server.url.replace("https:", "http:"),
          "certificate-authority": undefined,
        }),
        "wants TLS.\n  Write https://",
      );
    });

    it("may be behind a proxy", async () => {
      const proxy = await startProxy();
      try {
        expectMap(await cluster.mapOf({ "proxy-url": proxy.url }));
        expect(proxy.asked()).toContain(new URL(cluster.server.url).host);
        const before = proxy.asked().length;
        // The environment's proxy is for other machines than this one.
        const direct = cluster.config({ user: { token: cluster.server.tokens.reader } });
        expectMap(await cluster.map(direct, { HTTPS_PROXY: proxy.url }));
        expect(proxy.asked()).toHaveLength(before);
        expectRefusal(
          await cluster.mapOf({ server: "https://refused.invalid:6443", "proxy-url": proxy.url }),
          "does not connect to refused.invalid:6443: 502",
        );
      } finally {
        await proxy.stop();
      }
      expectRefusal(
        await cluster.mapOf({ "proxy-url": proxy.url }),
        "The proxy 127.0.0.1:",
        "cannot be reached",
      );
      expectRefusal(await cluster.mapOf({ "proxy-url": "socks5://127.0.0.1:1" }), "is not supported");
    });
  });

  describe("contexts", () => {
    it("are found in several files, the first of which counts", async () => {
      const first = writeKubeconfig(
        cluster.server,
        "first",
        [{ name: "prod", user: { token: cluster.server.tokens.reader } }],
        undefined,
      );
      writeFileSync(first, readFileSync(first, "utf8").replace('"current-context":"prod",', ""));
      const second = writeKubeconfig(cluster.server, "second", [
        { name: "test", user: { token: "wrong" } },
        { name: "prod", user: { token: "wrong" } },
      ]);
      const KUBECONFIG = [first, join(cluster.server.folder, "not-there"), second].join(delimiter);
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
        env: { KUBECONFIG: "", HOME: cluster.server.folder, KUBERNETES_SERVICE_HOST: "" },
      });
      expect(code).toBe(2);
      expect(stderr).toContain(`${join(cluster.server.folder, ".kube/config")} does not exist`);
    });
  });
});
