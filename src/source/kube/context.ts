/** One way into one cluster: what a context of a kubeconfig says, with the files it names read. */
export interface KubeContext {
  /** The name of the context; `in-cluster` for a pod's own service account. */
  readonly name: string;
  /** The kubeconfig that defines it, as the user named it; undefined for a pod's own service account. */
  readonly file: string | undefined;
  /** `https://host:port`, perhaps with a path, without a slash at the end. */
  readonly server: string;
  /** The namespace that kubectl would use. */
  readonly namespace?: string;
  readonly tls: KubeTls;
  readonly proxyUrl?: string;
  readonly user: KubeUser;
}

/** How the server proves itself. */
export interface KubeTls {
  /** The certificates to trust, in PEM; the system's if absent. */
  readonly authority?: string;
  /** Where `authority` came from, for messages. */
  readonly authorityFile?: string;
  /** True if any certificate is accepted. */
  readonly insecure: boolean;
  /** The name that the certificate must hold, where it is not the host of `server`. */
  readonly serverName?: string;
}

/** How the client proves itself. Several at once are possible, such as a certificate and a token. */
export interface KubeUser {
  /** The name of the entry in the kubeconfig, for messages. */
  readonly name: string;
  readonly certificate?: ClientCertificate;
  readonly token?: string;
  /** Read anew as time goes by; its content goes before `token`. */
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly exec?: ExecPlugin;
  readonly impersonate?: Impersonation;
}

/** A client certificate and its key, both in PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** `--as` and its kin: the user to be taken for. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** client.authentication.k8s.io: a program that prints an ExecCredential. */
export interface ExecPlugin {
  /** A name to be looked for in PATH, or a path: absolute, or resolved against the folder of the kubeconfig. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint?: string;
  /** True if the plugin is to be told which cluster it is for. */
  readonly provideClusterInfo: boolean;
  /** `Never`, `IfAvailable` or `Always`: whether it may ask the user. */
  readonly interactiveMode: "Never" | "IfAvailable" | "Always";
  /** The cluster's extension for this plugin, handed through to it. */
  readonly clusterConfig?: unknown;
}
