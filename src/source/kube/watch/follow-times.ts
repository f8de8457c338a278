/** How long things may take while a cluster is followed, in milliseconds. Tests have no time for the real ones. */
export interface FollowTimes {
  /** The first requests are spread over this, so that nodes that start together do not ask together. */
  readonly startSpread: number;
  /** Lists that the server has asked for, all at once (410), are spread over this. */
  readonly relistSpread: number;
  /** The first wait after a failure is between half of this and all of it; each further one is twice as long... */
  readonly backOff: number;
  /** ...up to this. */
  readonly longestBackOff: number;
  /** How long the server is asked to keep a watch open: between this and twice as much. */
  readonly watch: number;
  /**
   * A watch on which nothing comes for so long is dropped and begun again where it was. Bookmarks come once a minute on
   * a quiet one, so two in a row are missing by then.
   */
  readonly silence: number;
  /** How often it is looked whether a kind that was not installed is there now; a random third more or less. */
  readonly kinds: number;
}

export const FOLLOW_TIMES: FollowTimes = {
  startSpread: 500,
  relistSpread: 2_000,
  backOff: 1_000,
  longestBackOff: 30_000,
  watch: 300_000,
  silence: 150_000,
  kinds: 30_000,
};
