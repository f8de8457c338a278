import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "js-yaml";
import { definitionFile, findApiServer } from "./binaries.ts";
import { type ClientAuthority, clientAuthority } from "./client-certificates.ts";
import { freePorts } from "./free-port.ts";
import { type Program, startProgram } from "./program.ts";
import { type Requests, requestsTo } from "./requests.ts";

/** A user that a test wants to be, apart from the administrator. Rights come from RBAC objects that it creates. */
export interface TestUser {
  readonly name: string;
  readonly groups?: readonly string[];
}

export interface ApiServerOptions {
  readonly users?: readonly TestUser[];
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
  /** Where it listens; the loopback address if left out. Of the network namespace that the caller is in. */
  readonly address?: string;
}

/** A real API server with its own etcd. */
export interface ApiServer {
  /** `https://127.0.0.1:port`, or with the address that was asked for. */
  readonly url: string;
  /** The certificates to trust, in PEM. */
  readonly authorityFile: string;
  /** A folder of the test's own; gone after `stop`. */
  readonly folder: string;
  /** Tokens by user name; `admin` may do everything. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Undefined where openssl is not installed. */
  readonly clients: ClientAuthority | undefined;
  /** Requests as the administrator. */
  readonly requests: Requests;
  /** Installs the custom resource definition of a kind of policy.networking.k8s.io, and waits until it is served. */
  define(plural: string): Promise<void>;
  /** Makes etcd forget all revisions but the current one, so that continue tokens and watches expire. */
  compact(): Promise<void>;
  /** Kills the API server; etcd goes on. */
  kill(): Promise<void>;
  /**
   * Kills the API server if it runs, and starts it again on the same port and etcd, this time with further flags; waits
   * until it is ready.
   */
  restart(flags?: readonly string[]): Promise<void>;
  /** Stops the API server in its tracks (SIGSTOP): its connections stand, and nobody answers on them. */
  pause(): void;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** Replaces the tokens by user name. The server reads them when it starts. */
  setTokens(tokens: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

const PATIENCE = 90_000;

const ATTEMPTS = 3;

/** Starts etcd and kube-apiserver and waits until they are ready. RBAC decides; there are no controllers. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free is somebody else's by now.
      const isTaken = error instanceof Error && error.message.includes("address already in use");
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce(options: ApiServerOptions): Promise<ApiServer> {
  const found = findApiServer();
  if ("reason" in found) throw new Error(found.reason);
  const programs = found.folder;
  const folder = mkdtempSync(join(tmpdir(), "podwall-apiserver-"));
  let etcd: Program | undefined;
  let server: Program | undefined;
  const cleanUp = async (): Promise<void> => {
    for (const program of [server, etcd]) await program?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const { address = LOOPBACK } = options;
    const url = `https://${address}:${port}`;
    const users = [{ name: "admin", groups: ["system:masters"] }, ...(options.users ?? [])];
    const tokens = Object.fromEntries(users.map(({ name }) => [name, randomBytes(16).toString("hex")]));
    writeTokens(folder, users, tokens);
    const clients = clientAuthority(folder);
    etcd = startEtcd(programs, folder, etcdUrl, `http://127.0.0.1:${peerPort}`);
    const flags = [...(options.flags ?? []), ...(clients ? [`--client-ca-file=${clients.file}`] : [])];
    const keyFile = writeServiceAccountKey(folder);
    const start = (more: readonly string[] = []): Program =>
      startServer(programs, folder, etcdUrl, { address, port: port! }, keyFile, [...flags, ...more]);
    server = start();
    // The server makes a certificate of its own here, with the authority that signed it.
    const authorityFile = join(folder, "certificates/apiserver.crt");
    const ready = (): Promise<Requests> => whenReady(url, authorityFile, tokens.admin!, [etcd!, server!]);
    const requests = await ready();
    return {
      url,
      authorityFile,
      folder,
      tokens,
      clients,
      requests,
      define: (plural) => define(requests, programs, plural),
      compact: () => compact(etcdUrl),
      kill: () => server!.stop(),
      async restart(more) {
        await server!.stop();
        server = start(more);
        (await ready()).close();
      },
      pause: () => server!.pause(),
      resume: () => server!.resume(),
      setTokens: (replaced) => writeTokens(folder, users, { ...tokens, ...replaced }),
      async stop() {
        requests.close();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

function writeTokens(
  folder: string,
  users: readonly TestUser[],
  tokens: Readonly<Record<string, string>>,
): void {
  const lines = users.map(
    ({ name, groups }) => `${tokens[name]},${name},${name},"${(groups ?? []).join(",")}"`,
  );
  writeFileSync(join(folder, "tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

function writeServiceAccountKey(folder: string): string {
  const file = join(folder, "service-accounts.key");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  return file;
}

function startEtcd(programs: string, folder: string, url: string, peerUrl: string): Program {
  const args = [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    // Nothing here outlives the test.
    "--unsafe-no-fsync",
    // As kubeadm has it: without it, kinds of which nothing changes have no bookmarks for ten minutes.
    "--watch-progress-notify-interval=5s",
    "--log-level=warn",
  ];
  return startProgram(join(programs, "etcd"), args, join(folder, "etcd.log"));
}

function startServer(
  programs: string,
  folder: string,
  etcdUrl: string,
  { address, port }: { readonly address: string; readonly port: number },
  keyFile: string,
  flags: readonly string[],
): Program {
  const args = [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    // It refuses to advertise a loopback address; nobody is ever sent to this one.
    `--advertise-address=${address === LOOPBACK ? "192.0.2.1" : address}`,
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.0.0.0/24",
    // It wants accounts that a controller would make.
    "--disable-admission-plugins=ServiceAccount",
    ...flags,
  ];
  return startProgram(join(programs, "kube-apiserver"), args, join(folder, "apiserver.log"));
}

async function whenReady(
  url: string,
  authorityFile: string,
  token: string,
  programs: readonly Program[],
): Promise<Requests> {
  const end = Date.now() + PATIENCE;
  let last: unknown = "nothing was asked";
  while (Date.now() < end) {
    const failure = programs.map((program) => program.failure()).find((each) => each !== undefined);
    if (failure !== undefined) throw new Error(failure);
    let requests: Requests | undefined;
    try {
      requests = requestsTo(url, readFileSync(authorityFile, "utf8"), token);
      last = await requests.send("GET", "/readyz");
      if ((last as { status: number }).status === 200) return requests;
    } catch (error) {
      last = error;
    }
    requests?.close();
    await sleep(200);
  }
  throw new Error(`the API server was not ready within ${PATIENCE / 1000} s`, { cause: last });
}

async function define(requests: Requests, programs: string, plural: string): Promise<void> {
  const file = definitionFile(programs, plural);
  if (file === undefined) throw new Error(`${programs}/crds has no definition of ${plural}`);
  const definition = load(readFileSync(file, "utf8")) as {
    spec: { group: string; versions: { name: string }[] };
  };
  await requests.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  const { group, versions } = definition.spec;
  const path = `/apis/${group}/${versions[0]!.name}/${plural}`;
  const end = Date.now() + PATIENCE;
  while ((await requests.send("GET", path)).status !== 200) {
    if (Date.now() > end) throw new Error(`${path} is not served`);
    await sleep(100);
  }
}

async function compact(etcdUrl: string): Promise<void> {
  // A read of any key tells the current revision.
  const { header } = (await post(`${etcdUrl}/v3/kv/range`, { key: "AA==" })) as {
    header: { revision: string };
  };
  await post(`${etcdUrl}/v3/kv/compaction`, { revision: header.revision, physical: true });
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}
