/** How well an API server is being followed. */
export interface SourceStatus {
  /** The URL of the API server. */
  readonly server: string;
  /** True once every list has been read. */
  readonly synced: boolean;
  readonly resources: readonly ResourceStatus[];
}

export interface ResourceStatus {
  /** `networkpolicies`. */
  readonly resource: string;
  /**
   * `absent`: its kind is not installed. `waiting`: something went wrong, and it is tried again later; what was known
   * stays in force.
   */
  readonly state: "listing" | "watching" | "waiting" | "absent";
  readonly objects: number;
  /** When the server was last heard of for this resource: an event, a bookmark, a list. ISO 8601, UTC. */
  readonly lastHeard?: string;
  /** Why it is waiting, in words for people. */
  readonly error?: string;
  /** What to do about it. */
  readonly help?: string;
  /** Since the start. */
  readonly lists: number;
  readonly watches: number;
}
