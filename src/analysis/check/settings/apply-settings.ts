import { compareFindings, type Finding, type RelatedPlace } from "../../../k8s/finding.ts";
import { didYouMean } from "../../../k8s/suggest.ts";
import { CHECK_CODES } from "../codes.ts";
import { SETTINGS_CODES, type SettingsCode } from "./codes.ts";
import { isKnownCode, KNOWN_CODES } from "./known-codes.ts";
import type { CheckSettings, Ignore } from "./settings.ts";

/** Findings after what somebody has decided about them. */
export interface JudgedFindings {
  /** What is left, with what is wrong about the settings themselves; by place. */
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
}

export interface IgnoredFinding {
  readonly finding: Finding;
  readonly ignore: Ignore;
}

/**
 * Gives findings the severity that the settings want, and takes out those that are meant to be. What makes an object
 * invalid stays: the API server refuses it whatever anybody says here.
 */
export function applySettings(found: readonly Finding[], { levels, ignores }: CheckSettings): JudgedFindings {
  const findings: Finding[] = [];
  const ignored: IgnoredFinding[] = [];
  const used = new Set<Ignore>();
  const counting = ignores.filter(({ reason, codes }) => reason !== "" && codes.length > 0);
  const byCode = ignoresByCode(counting);
  for (const finding of found) {
    const { left, ignoring } = withoutIgnored(finding, byCode.get(finding.code) ?? []);
    for (const ignore of ignoring) used.add(ignore);
    if (!isSettled(finding)) {
      findings.push(finding);
      continue;
    }
    if (left === undefined) {
      ignored.push({ finding, ignore: ignoring[0]! });
      continue;
    }
    const level = levels.get(finding.code);
    if (level === undefined) findings.push(left);
    else if (level !== "off") findings.push({ ...left, severity: level });
  }
  const own = ignores.flatMap((ignore) => faultsOf(ignore, used.has(ignore), levels));
  return { findings: [...findings, ...own].sort(compareFindings), ignored };
}

/** What is left of a finding, if anything, and what ignores it or a part. */
interface PartlyIgnored {
  readonly left: Finding | undefined;
  readonly ignoring: readonly Ignore[];
}

/**
 * Takes out of a finding the places that are meant to be. One that says the same of several is left as long as one of them
 * is not ignored: it then stands there.
 */
function withoutIgnored(finding: Finding, ignores: readonly Ignore[]): PartlyIgnored {
  if (ignores.length === 0) return { left: finding, ignoring: [] };
  const { related = [] } = finding;
  const about = related.filter(({ object }) => object === undefined);
  const others = related.filter(({ object }) => object !== undefined);
  // What stands beside something else that it speaks of, such as the namespace, is about all of it.
  const whole = ignores.find(({ covers }) => about.some((place) => covers(withoutObject(finding, place))));
  if (whole !== undefined) return { left: undefined, ignoring: [whole] };
  const own = ignores.find(({ covers }) => covers({ ...finding, related: [] }));
  const ofOthers = others.map(({ position, object }) =>
    ignores.find(({ covers }) => covers({ ...finding, position, object: object!, related: [] })),
  );
  const ignoring = [own, ...ofOthers].filter((ignore) => ignore !== undefined);
  if (ignoring.length === 0) return { left: finding, ignoring };
  const rest = others.filter((_, place) => ofOthers[place] === undefined);
  if (own === undefined) return { left: withPlaces(finding, [...about, ...rest]), ignoring };
  const [next, ...more] = rest;
  if (next === undefined) return { left: undefined, ignoring };
  const { position, object } = next;
  return { left: withPlaces({ ...finding, position, object: object! }, [...about, ...more]), ignoring };
}

function withoutObject({ object: _, ...finding }: Finding, { position }: RelatedPlace): Finding {
  return { ...finding, position, related: [] };
}

/** Its fix is for all places, so that there is none for some of them. */
function withPlaces(
  { fix: _fix, related: _related, ...finding }: Finding,
  related: readonly RelatedPlace[],
): Finding {
  return related.length === 0 ? finding : { ...finding, related };
}

/** True for what somebody may decide about: all but what makes an object invalid, or was not allowed to be read. */
export function isSettled({ code, severity }: Pick<Finding, "code" | "severity">): boolean {
  return Object.hasOwn(CHECK_CODES, code) || severity !== "error";
}

function ignoresByCode(ignores: readonly Ignore[]): Map<string, Ignore[]> {
  const byCode = new Map<string, Ignore[]>();
  for (const ignore of ignores) {
    for (const code of ignore.codes) {
      const list = byCode.get(code);
      if (list === undefined) byCode.set(code, [ignore]);
      else list.push(ignore);
    }
  }
  return byCode;
}

function faultsOf(ignore: Ignore, isUsed: boolean, levels: CheckSettings["levels"]): Finding[] {
  const { codes, reason, position } = ignore;
  // Those of the settings file were looked at when it was read.
  const unknown = ignore.beside ? codes.filter((code) => !isKnownCode(code)) : [];
  const fault = (code: SettingsCode, message: string, help: string): Finding | undefined => {
    const level = levels.get(code) ?? SETTINGS_CODES[code].severity;
    return level === "off" ? undefined : { code, severity: level, position, message, help };
  };
  const faults = unknown.map((code) =>
    fault(
      "unknown-code",
      `${JSON.stringify(code)} is no kind of finding, so nothing is ignored by it.`,
      didYouMean(code, KNOWN_CODES) ?? "`podwall check --explain` lists all of them.",
    ),
  );
  if (codes.length === 0 || reason === "") {
    const what = codes.length === 0 ? "no kind of finding" : "no reason";
    faults.push(
      fault(
        "ignore-without-reason",
        `Findings are to be ignored here, but ${what} is given: they are reported all the same.`,
        `Write the code, a colon and why it is meant to be, such as "${codes[0] ?? "egress-anywhere"}: mail goes anywhere".`,
      ),
    );
  } else if (!isUsed && ignore.beside && unknown.length === 0) {
    faults.push(
      fault(
        "unused-ignore",
        `There is no finding ${codes.join(" or ")} here any more that could be ignored.`,
        "Take it out, so that a later one is not missed.",
      ),
    );
  }
  return faults.filter((each) => each !== undefined);
}
