/** What a process may do: who it is, and with which capabilities, if it gains no others. */
export interface Rights {
  /** `node` has all of its user namespace. */
  readonly name: string;
  /** Arguments of setpriv(1). */
  readonly setpriv: readonly string[];
}

const user = (id: number): string[] => ["--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"];

/** A process that is not root has a capability only if it is an ambient one. */
const only = (capabilities: string, isRoot: boolean): string[] => {
  const ambient = isRoot ? [] : ["--ambient-caps", capabilities];
  return ["--bounding-set", capabilities, "--inh-caps", capabilities, ...ambient, "--no-new-privs"];
};

/** As deploy/manifests/podwall.yaml has it. */
export const ROOT_WITH_NET_ADMIN: Rights = {
  name: "root with NET_ADMIN alone",
  setpriv: [...user(0), ...only("-all,+net_admin", true)],
};

/** As a service of systemd may have it, for one: Kubernetes has no ambient capabilities. */
export const PLAIN_WITH_NET_ADMIN: Rights = {
  name: "a plain user with NET_ADMIN alone",
  setpriv: [...user(65532), ...only("-all,+net_admin", false)],
};

export const ROOT_WITHOUT_NET_ADMIN: Rights = {
  name: "root with everything but NET_ADMIN",
  setpriv: [...user(0), "--bounding-set", "-net_admin", "--inh-caps", "-net_admin", "--no-new-privs"],
};

export const PLAIN: Rights = {
  name: "a plain user",
  setpriv: [...user(65532), ...only("-all", false)],
};
