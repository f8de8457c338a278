import { isMapping } from "../../k8s/check.ts";
import type { KubeClient, Query } from "./client.ts";
import { KubeError } from "./kube-error.ts";

/** How a list is read. */
export interface ListOptions<T> {
  /** What to keep of an item of the list. The rest of its page is dropped before the next one is asked for. */
  readonly take: (item: Readonly<Record<string, unknown>>) => readonly T[];
  /** Selectors: `{ labelSelector: "app=web" }`. */
  readonly query?: Query;
  /** The media type, plain JSON if absent: {@link METADATA_ONLY}. */
  readonly accept?: string;
  /** Items a page; 500 if absent, as kubectl has it. */
  readonly pageSize?: number;
  /** Told the version of the list before any item is taken. What it throws ends the reading. */
  readonly onVersion?: (resourceVersion: string) => void;
  /** Told how many items have been read, page by page; less than before if the list had to begin again. */
  readonly onProgress?: (items: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A whole list, as it was at one moment. */
export interface KubeList<T> {
  readonly taken: readonly T[];
  /** The moment: where a watch may go on from. */
  readonly resourceVersion: string;
}

/** Has the server send of each item no more than its metadata. */
export const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

const PAGE_SIZE = 500;
const MAX_ATTEMPTS = 4;

/**
 * Reads a list page by page. All pages show the same moment; the server remembers it for some minutes only. A list
 * that takes longer begins again, with pages of twice the size. Throws a {@link KubeError}.
 */
export async function listAll<T>(
  client: KubeClient,
  path: string,
  options: ListOptions<T>,
): Promise<KubeList<T>> {
  const pageSize = options.pageSize ?? PAGE_SIZE;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      return await listOnce(client, path, pageSize * 2 ** attempt, options);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== "expired") throw error;
    }
  }
  throw new KubeError(
    "server",
    `${client.context.server}${path} could not be read to its end: its pages expired ${MAX_ATTEMPTS} times.`,
    "The way to the server is too slow for a list this long; run podwall nearer to the cluster.",
  );
}

async function listOnce<T>(
  client: KubeClient,
  path: string,
  limit: number,
  { take, query, accept, onVersion, onProgress, signal }: ListOptions<T>,
): Promise<KubeList<T>> {
  const taken: T[] = [];
  let items = 0;
  let next: string | undefined;
  for (;;) {
    const page = pageOf(
      await client.get(path, { ...query, limit, continue: next }, signal, accept),
      path,
      client,
    );
    if (next === undefined) onVersion?.(page.resourceVersion);
    for (const item of page.items) for (const each of take(item)) taken.push(each);
    items += page.items.length;
    onProgress?.(items);
    next = page.next;
    if (next === undefined) return { taken, resourceVersion: page.resourceVersion };
  }
}

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | undefined;
  readonly resourceVersion: string;
}

function pageOf(value: unknown, path: string, client: KubeClient): Page {
  const metadata = isMapping(value) && isMapping(value.metadata) ? value.metadata : {};
  // The API server writes a list without items as null in places.
  const items = isMapping(value) ? (value.items ?? []) : undefined;
  const { continue: next, resourceVersion } = metadata;
  if (!Array.isArray(items) || !items.every(isMapping) || typeof resourceVersion !== "string") {
    throw new KubeError(
      "server",
      `${client.context.server}${path} answers with something that is no list.`,
      "Is there a proxy at this address that changes answers?",
    );
  }
  return { items, next: typeof next === "string" && next !== "" ? next : undefined, resourceVersion };
}
