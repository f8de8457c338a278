import type { AgentTelemetry } from "../create-telemetry.ts";
import type { AgentView } from "../telemetry.ts";
import { policiesDocument, statusDocument } from "./documents.ts";

/** An answer that is given at once. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface AnswerSources {
  readonly node: string;
  readonly view: AgentView;
  readonly telemetry: Pick<AgentTelemetry, "exposition" | "contentType">;
}

export function text(status: number, ...lines: readonly string[]): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${lines.join("\n")}\n` };
}

type Answering = (sources: AnswerSources, query: URLSearchParams) => Answer | Promise<Answer>;

/** What is answered where, but for `/v1/flows`. */
export const ANSWERS: ReadonlyMap<string, Answering> = new Map<string, Answering>([
  ["/metrics", ({ telemetry }) => metrics(telemetry)],
  ["/healthz", ({ view }) => healthz(view)],
  ["/readyz", ({ view }) => readyz(view)],
  ["/v1/status", ({ view }) => json(statusDocument(view.status()))],
  ["/v1/policies", ({ view, node }, query) => policies(view, node, query)],
]);

async function metrics(telemetry: AnswerSources["telemetry"]): Promise<Answer> {
  return { status: 200, type: telemetry.contentType, body: await telemetry.exposition() };
}

function policies(view: AgentView, node: string, query: URLSearchParams): Answer {
  const unknown = [...query.keys()].find((name) => name !== "policy");
  if (unknown !== undefined) {
    return text(400, `unknown parameter ${unknown}: use ?policy=NetworkPolicy%20shop/db, or none for all`);
  }
  return json(policiesDocument(node, view.policies(), query.get("policy") ?? undefined));
}

function healthz(view: AgentView): Answer {
  const sickness = view.sickness();
  return sickness === undefined ? text(200, "ok") : text(503, sickness);
}

/** What keeps a node from being ready comes first; what else is wrong is told too. */
function readyz(view: AgentView): Answer {
  const { ready, troubles } = view.status();
  const lines = [
    ...troubles.filter(({ blocksReady }) => blocksReady),
    ...troubles.filter(({ blocksReady }) => !blocksReady),
  ].map(({ message }) => `- ${oneLine(message)}`);
  const shown = lines.slice(0, MOST_TROUBLES);
  return text(ready ? 200 : 503, ready ? "ready" : "not ready", ...shown, ...more(lines.length));
}

/** A kubelet keeps some of it in an event; the rest is in /v1/status. */
const MOST_TROUBLES = 50;

function more(lines: number): string[] {
  return lines <= MOST_TROUBLES ? [] : [`- and ${lines - MOST_TROUBLES} more: see /v1/status`];
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, "; ");
}

function json(document: object): Answer {
  return { status: 200, type: "application/json", body: `${JSON.stringify(document)}\n` };
}
