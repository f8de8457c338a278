/** The verbs of RBAC that are used here. */
export type RequestVerb = "get" | "list" | "watch" | "create";

/** A request to the API server that has ended, answered or not. */
export interface RequestReport {
  readonly verb: RequestVerb;
  /** Without the query. */
  readonly path: string;
  /** As RBAC rules name it, `pods` or `pods/proxy`; absent for what is no resource: discovery, `/readyz`. */
  readonly resource?: string;
  /** The HTTP status; `error` where there was no answer. */
  readonly code: string;
  /** Of the body as it came over the wire, still packed. */
  readonly bytes: number;
}

/** What a path is to RBAC; the same rules as the API server's own (RequestInfoFactory). */
export function requestInfo(
  method: "GET" | "POST",
  path: string,
  isWatch: boolean,
): Pick<RequestReport, "verb" | "resource"> {
  const parts = path.split("/").filter((part) => part !== "");
  const rest = parts[0] === "api" ? parts.slice(2) : parts[0] === "apis" ? parts.slice(3) : [];
  // Below a namespace only with something after its name: the namespace itself is an object of its own.
  const inNamespace = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  const [plural, name, subresource] = inNamespace;
  if (plural === undefined) return { verb: method === "POST" ? "create" : "get" };
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  if (method === "POST") return { verb: "create", resource };
  if (name !== undefined) return { verb: "get", resource };
  return { verb: isWatch ? "watch" : "list", resource };
}
