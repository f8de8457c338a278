import https from "node:https";

/** Sends requests to an API server as its administrator: what tests need to fill it. */
export interface Requests {
  /** Resolves to the status and the JSON of the answer, whatever they are. */
  send(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }>;
  /** As `send`; throws unless the answer is a success. */
  must(method: string, path: string, body?: object): Promise<unknown>;
  close(): void;
}

export function requestsTo(url: string, authority: string, token: string): Requests {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca: authority });
  const send: Requests["send"] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        // Node tells no length by itself where a DELETE has a body.
        ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
        // The server takes a strategic patch for built-in kinds only; this one for all.
        "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
      };
      const request = https.request(`${url}${path}`, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const isJson = response.headers["content-type"]?.includes("json");
          resolve({ status: response.statusCode!, body: isJson ? (JSON.parse(answer) as unknown) : answer });
        });
      });
      request.on("error", reject);
      request.end(text);
    });
  return {
    send,
    async must(method, path, body) {
      const answer = await send(method, path, body);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    close: () => agent.destroy(),
  };
}
