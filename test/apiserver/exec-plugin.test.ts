import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RunResult } from "../cli/run-podwall.ts";
import { describeApiServer } from "./binaries.ts";
import { expectMap, expectRefusal, smallCluster } from "./small-cluster.ts";

const EXEC = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };

describeApiServer("exec plugins", () => {
  const cluster = smallCluster();
  const credential = (status: object): string =>
    `echo '${JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status })}'`;

  it("give a token", async () => {
    cluster.script(
      "give-token",
      `echo run >> "$LOG"\n${credential({ token: cluster.server.tokens.reader })}`,
    );
    const log = join(cluster.server.folder, "give-token.log");
    const env = [{ name: "LOG", value: log }];
    expectMap(await cluster.mapAs({ exec: { ...EXEC, command: "./give-token", env } }));
    // Once for all requests.
    expect(readFileSync(log, "utf8")).toBe("run\n");
  });

  it("give a certificate", async ({ skip }) => {
    if (cluster.server.clients === undefined) return skip("openssl is not installed");
    const { certificate, key } = cluster.server.clients.issue("reader", []);
    const status = { clientCertificateData: certificate, clientKeyData: key };
    writeFileSync(
      join(cluster.server.folder, "certificate.json"),
      JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status }),
    );
    const args = [join(cluster.server.folder, "certificate.json")];
    expectMap(await cluster.mapAs({ exec: { ...EXEC, command: "cat", args } }));
  });

  it("are asked again when their token has grown old", async () => {
    // The first token is refused by the server, as one that it has revoked.
    const file = join(cluster.server.folder, "asked");
    const old = credential({ token: "revoked" });
    const fresh = credential({ token: cluster.server.tokens.reader });
    const command = cluster.script(
      "renew",
      `if [ -e ${file} ]; then\n${fresh}\nelse touch ${file}\n${old}\nfi`,
    );
    expectMap(await cluster.mapAs({ exec: { ...EXEC, command } }));
  });

  it("are told about the cluster", async () => {
    const told = join(cluster.server.folder, "told.json");
    const command = cluster.script(
      "listen",
      `printf %s "$KUBERNETES_EXEC_INFO" > ${told}\n${credential({ token: cluster.server.tokens.reader })}`,
    );
    expectMap(await cluster.mapAs({ exec: { ...EXEC, command, provideClusterInfo: true } }));
    expect(JSON.parse(readFileSync(told, "utf8"))).toEqual({
      apiVersion: EXEC.apiVersion,
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: {
          server: cluster.server.url,
          "certificate-authority-data": readFileSync(cluster.server.authorityFile).toString("base64"),
        },
      },
    });
  });

  it("fail in their own words", async () => {
    const command = cluster.script("fail", "echo your session has ended >&2; exit 4");
    expectRefusal(
      await cluster.mapAs({ exec: { ...EXEC, command } }),
      "The credential plugin fail of user prod-user (context prod) failed with status 4:\n    your session has ended\n",
    );
  });

  it("fail where they are missing, or give nothing of use", async () => {
    const missing = { ...EXEC, command: "no-such-plugin", installHint: "Get it from the platform team." };
    expectRefusal(
      await cluster.mapAs({ exec: missing }),
      "no-such-plugin of user prod-user (context prod) is not installed, or not in PATH.\n  Get it from the platform team.",
    );
    const printing = (text: string): Promise<RunResult> =>
      cluster.mapAs({ exec: { ...EXEC, command: "echo", args: [text] } });
    expectRefusal(await printing("hello"), "printed no JSON");
    expectRefusal(await printing("{}"), "printed no ExecCredential");
    expectRefusal(
      await printing(JSON.stringify({ apiVersion: EXEC.apiVersion, kind: "ExecCredential", status: {} })),
      "gave neither a token nor a certificate",
    );
    expectRefusal(
      await cluster.mapAs({ exec: { ...EXEC, command: "true", interactiveMode: "Always" } }),
      "must ask you something, and there is no terminal",
    );
    expectRefusal(
      await cluster.mapAs({ exec: { command: "true", apiVersion: "client.authentication.k8s.io/v1alpha1" } }),
      "which is gone",
    );
  });
});
