import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** An authority for client certificates, in a folder of the test. */
export interface ClientAuthority {
  readonly file: string;
  /** A certificate and its key, in PEM, for a user of these groups. */
  issue(user: string, groups: readonly string[], days?: number): { certificate: string; key: string };
}

/** Makes an authority with openssl; undefined where that is not installed. */
export function clientAuthority(folder: string): ClientAuthority | undefined {
  if (spawnSync("openssl", ["version"]).status !== 0) return undefined;
  const file = join(folder, "client-ca.crt");
  const keyFile = join(folder, "client-ca.key");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl([
    "req",
    "-x509",
    ...newKey,
    "-subj",
    "/CN=clients",
    "-days",
    "2",
    "-keyout",
    keyFile,
    "-out",
    file,
  ]);
  return {
    file,
    issue(user, groups, days = 1) {
      const base = join(folder, `client-${user}`);
      const subject = `${groups.map((group) => `/O=${group}`).join("")}/CN=${user}`;
      openssl(["req", ...newKey, "-subj", subject, "-keyout", `${base}.key`, "-out", `${base}.csr`]);
      openssl([
        ...["x509", "-req", "-in", `${base}.csr`, "-CA", file, "-CAkey", keyFile, "-CAcreateserial"],
        ...["-days", String(days), "-out", `${base}.crt`],
      ]);
      return { certificate: readFileSync(`${base}.crt`, "utf8"), key: readFileSync(`${base}.key`, "utf8") };
    },
  };
}

function openssl(args: readonly string[]): void {
  const done = spawnSync("openssl", args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`openssl ${args.join(" ")}: ${done.stderr}`);
}
