import type { Counterexample } from "../analysis/assertions/counterexamples.ts";
import type { Coverage } from "../analysis/assertions/coverage.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { MeasuredProbe } from "../lab/lab.ts";
import { portSetTokens } from "../net/port-set.ts";
import { type ExplainDocument, explainJson } from "./explain-json.ts";
import { endId } from "./explain-words.ts";
import {
  casePosition,
  type Outcome,
  outcomeOf,
  type TestedCase,
  type TestReport,
  type Totals,
  totalsOf,
  wholeCoverage,
} from "./test-report.ts";

/** `schemas/podwall.test-result.v1.schema.json`. */
export interface TestDocument extends Totals {
  readonly schema: "podwall.test-result/v1";
  readonly files: readonly { readonly file: string; readonly cases: readonly CaseDocument[] }[];
  readonly coverage?: CoverageDocument;
}

export interface CaseDocument {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports?: readonly string[];
  readonly family?: FamilyName;
  readonly expect: "allow" | "deny";
  readonly outcome: Outcome;
  readonly problem?: ProblemDocument;
  readonly pairs?: number;
  readonly failing?: number;
  readonly counterexamples?: readonly CounterexampleDocument[];
  readonly explanation?: ExplainDocument;
  readonly lab?: LabDocument;
}

type FamilyName = "IPv4" | "IPv6";

export interface ProblemDocument {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly help?: string;
}

export interface CounterexampleDocument {
  readonly from: string;
  readonly to: string;
  readonly families: readonly FamilyName[];
  readonly ports: readonly string[];
}

export interface LabDocument {
  readonly probes: number;
  readonly leftOut: number;
  readonly wrong: readonly Pick<
    MeasuredProbe,
    "from" | "to" | "address" | "protocol" | "port" | "predicted" | "measured"
  >[];
}

export interface CoverageDocument {
  readonly connections: number;
  readonly covered: number;
  readonly partly: number;
  readonly uncovered: readonly {
    readonly from: string;
    readonly to: string;
    readonly family?: FamilyName;
    readonly ports: readonly string[];
    readonly allowed: readonly string[];
  }[];
  /** Set where there are more than are listed. */
  readonly more?: number;
}

/** How many uncovered connections are listed: a list that nobody can read need not be long. */
const MOST_UNCOVERED = 10_000;

/** A run of assertions as a value for JSON. */
export function testJson(report: TestReport): TestDocument {
  const coverage = wholeCoverage(report);
  return {
    schema: "podwall.test-result/v1",
    ...totalsOf(report),
    files: report.files.map(({ file, cases, cluster }) => ({
      file,
      cases: cases.map((tested) => caseJson(tested, cluster)),
    })),
    ...(coverage === undefined ? {} : { coverage: coverageJson(coverage) }),
  };
}

function caseJson(tested: TestedCase, cluster: Cluster): CaseDocument {
  const { result, measured } = tested;
  const { assertion } = result;
  const { line, column } = casePosition(tested);
  return {
    name: assertion.name,
    line,
    column,
    from: assertion.from.map(({ text }) => text),
    to: assertion.to.map(({ text }) => text),
    ...(assertion.ports === undefined ? {} : { ports: assertion.ports.map(({ text }) => text) }),
    ...(assertion.family === undefined ? {} : { family: `IPv${assertion.family}` as const }),
    expect: assertion.expect,
    outcome: outcomeOf(tested),
    ...(result.outcome === "error" ? { problem: problemJson(tested) } : {}),
    ...(result.outcome === "error" ? {} : { pairs: result.pairs, failing: result.failing }),
    ...(result.outcome === "failed"
      ? {
          counterexamples: result.counterexamples.map(counterexampleJson),
          explanation: explainJson(result.explanations, cluster),
        }
      : {}),
    ...(measured === undefined
      ? {}
      : {
          lab: {
            probes: measured.probes.length,
            leftOut: measured.leftOut,
            wrong: measured.wrong.map(({ from, to, address, protocol, port, predicted, measured }) => ({
              from,
              to,
              address,
              protocol,
              ...(port === undefined ? {} : { port }),
              predicted,
              measured,
            })),
          },
        }),
  };
}

function problemJson({ result }: TestedCase): ProblemDocument {
  if (result.outcome !== "error") throw new Error("a case without a problem has none to tell");
  const { assertion, problem } = result;
  const { line, column } = assertion.origin.position(problem.path);
  const { message, help } = problem;
  return { line, column, message, ...(help === undefined ? {} : { help }) };
}

function counterexampleJson({ from, to, families, ports }: Counterexample): CounterexampleDocument {
  return {
    from: endId(from),
    to: endId(to),
    families: families.map((family) => `IPv${family}` as const),
    ports: portSetTokens(ports),
  };
}

function coverageJson({ connections, covered, partly, uncovered }: Coverage): CoverageDocument {
  const listed = uncovered.slice(0, MOST_UNCOVERED);
  return {
    connections,
    covered,
    partly,
    uncovered: listed.map(({ connection, ports }) => ({
      from: connection.from.id,
      to: connection.to.id,
      ...(connection.family === undefined ? {} : { family: `IPv${connection.family}` as const }),
      ports: portSetTokens(ports),
      allowed: portSetTokens(connection.ports),
    })),
    ...(listed.length === uncovered.length ? {} : { more: uncovered.length - listed.length }),
  };
}
