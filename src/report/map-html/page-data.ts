/** What the page knows: the map, in a form that is short for large clusters. */
export interface PageData {
  readonly peers: readonly PagePeer[];
  readonly ports: readonly PagePorts[];
  /** Four numbers a connection: from and to, and ports, as places in the lists; 4 or 6 for one family, 0 for both. */
  readonly connections: readonly number[];
}

export interface PagePeer {
  readonly id: string;
  /** The namespace; of addresses outside, the words for that. */
  readonly group: string;
  /** The name within its group. */
  readonly name: string;
  /** `StatefulSet, 3 pods` */
  readonly detail: string;
  /** `isolated, egress limited`; absent for addresses. */
  readonly state?: string;
  readonly isOutside?: true;
  /** Whether everyone else may come in, and whether it may reach everyone else, on every port. */
  readonly fromEveryone?: true;
  readonly toEveryone?: true;
}

export interface PagePorts {
  /** `TCP 80, UDP 53` */
  readonly text: string;
  /** `TCP/80`, `UDP/1-53`, `other`, or `all` alone. */
  readonly tokens: readonly string[];
}
