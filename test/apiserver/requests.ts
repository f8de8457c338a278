import https from "node:https";

/** What an API server answers. */
export interface Answer {
  readonly status: number;
  /** The JSON of the answer, or its text if it is none. */
  readonly body: unknown;
  /** The texts of its `Warning` headers. */
  readonly warnings: readonly string[];
}

/** Sends requests to an API server as its administrator: what tests need to fill it. */
export interface Requests {
  /** Resolves to the status and the JSON of the answer, whatever they are. */
  send(method: string, path: string, body?: object): Promise<Answer>;
  /** Sends a body that is text already, of the given media type. */
  sendText(method: string, path: string, text: string, type: string): Promise<Answer>;
  /** As `send`; throws unless the answer is a success. */
  must(method: string, path: string, body?: object): Promise<unknown>;
  close(): void;
}

export function requestsTo(url: string, authority: string, token: string): Requests {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca: authority });
  const request = (method: string, path: string, text: string | undefined, type: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        // Node tells no length by itself where a DELETE has a body.
        ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
        "content-type": type,
      };
      const sent = https.request(`${url}${path}`, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const isJson = response.headers["content-type"]?.includes("json");
          resolve({
            status: response.statusCode!,
            body: isJson ? (JSON.parse(answer) as unknown) : answer,
            warnings: warningTexts(response.rawHeaders),
          });
        });
      });
      sent.on("error", reject);
      sent.end(text);
    });
  const send: Requests["send"] = (method, path, body) => {
    // The server takes a strategic patch for built-in kinds only; this one for all.
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    return request(method, path, body === undefined ? undefined : JSON.stringify(body), type);
  };
  return {
    send,
    sendText: request,
    async must(method, path, body) {
      const answer = await send(method, path, body);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    close: () => agent.destroy(),
  };
}

/** The texts of `Warning: 299 - "text"` (RFC 7234, 5.5), which Node joins into one otherwise. */
function warningTexts(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1 || name.toLowerCase() !== "warning") return [];
    const text = /^299 \S+ "(.*)"$/s.exec(rawHeaders[index + 1]!)?.[1];
    if (text === undefined) throw new Error(`a warning of another form: ${rawHeaders[index + 1]}`);
    return [text.replaceAll(/\\(.)/gs, "$1")];
  });
}
