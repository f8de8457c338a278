import { readFile } from "node:fs/promises";
import type { ClientCertificate, Impersonation, KubeContext } from "./context.ts";
import { type ExecCredential, runExecPlugin } from "./exec-credential.ts";
import { unreadableFile } from "./kubeconfig-file.ts";

/** What to send with a request: header fields, and the certificate for the connection. */
export interface Credential {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly certificate?: ClientCertificate;
}

/** The credentials of a context, renewed as they age. */
export interface Credentials {
  /** Throws a KubeError if they cannot be had. */
  current(): Promise<Credential>;
  /** To be told that the server refused these. True if `current` may have better ones now. */
  refused(credential: Credential): boolean;
}

/** A token file is read anew after this many milliseconds: bound service account tokens are replaced in place. */
const TOKEN_FILE_AGE = 60_000;
/** A plugin's credential is replaced this many milliseconds before it expires. */
const EXPIRY_MARGIN = 10_000;

/** Makes the credentials of a context; nothing is read or run before they are asked for. */
export function credentialsOf(context: KubeContext, now: () => number = Date.now): Credentials {
  const { user } = context;
  let exec: Promise<ExecCredential> | undefined;
  let fileToken: { readonly token: string; readonly read: number } | undefined;

  /** What was given last, unless it has been refused since. */
  let given: Credential | undefined;

  const execCredential = async (): Promise<ExecCredential | undefined> => {
    if (user.exec === undefined) return undefined;
    const asked = exec;
    const known = await asked;
    const hasAged = known?.expires !== undefined && known.expires - EXPIRY_MARGIN <= now();
    // Of several who wait for it, the first lets it run again.
    if ((known === undefined || hasAged) && exec === asked) {
      const running = runExecPlugin(user.exec, context);
      exec = running;
      // Who asks later may have more luck.
      running.catch(() => {
        if (exec === running) exec = undefined;
      });
    }
    return exec;
  };
  const tokenOfFile = async (file: string): Promise<string> => {
    if (fileToken === undefined || now() - fileToken.read > TOKEN_FILE_AGE) {
      try {
        fileToken = { token: (await readFile(file, "utf8")).trim(), read: now() };
      } catch (error) {
        throw unreadableFile(file, `token file of user ${user.name}`, error);
      }
    }
    return fileToken.token;
  };

  return {
    async current() {
      const plugin = await execCredential();
      const token =
        plugin?.token ?? (user.tokenFile === undefined ? user.token : await tokenOfFile(user.tokenFile));
      const certificate = plugin?.certificate ?? user.certificate;
      given = {
        headers: {
          ...authorization(token, user.basic),
          ...(user.impersonate === undefined ? {} : impersonation(user.impersonate)),
        },
        ...(certificate === undefined ? {} : { certificate }),
      };
      return given;
    },
    refused(credential) {
      // Several requests may be refused with the same ones: those that came since are not to be thrown away.
      if (given !== undefined && areSame(given, credential)) {
        exec = undefined;
        fileToken = undefined;
        given = undefined;
      }
      return user.exec !== undefined || user.tokenFile !== undefined;
    },
  };
}

function areSame(a: Credential, b: Credential): boolean {
  return (
    a.headers.authorization === b.headers.authorization &&
    a.certificate?.certificate === b.certificate?.certificate
  );
}

function authorization(
  token: string | undefined,
  basic: KubeContext["user"]["basic"],
): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (basic === undefined) return {};
  const pair = Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

/** The header fields of user impersonation (Kubernetes API, "Authenticating: User impersonation"). */
function impersonation({
  user,
  uid,
  groups,
  extra,
}: Impersonation): Record<string, string | readonly string[]> {
  return {
    "impersonate-user": user,
    ...(uid === undefined ? {} : { "impersonate-uid": uid }),
    ...(groups.length === 0 ? {} : { "impersonate-group": groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
        values,
      ]),
    ),
  };
}
