import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job, JobResult } from "./jobs/job.ts";
import { runJob } from "./jobs/run-job.ts";
import type { Profile } from "./profiles/profiles.ts";
import type { Failure, NaiveResult, ProfileResult } from "./result.ts";

export interface Setting {
  readonly childScript: string;
  readonly quick: boolean;
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

/** Share of the full size that a quick run measures. */
export const QUICK_SCALE = 0.1;

/** Measures the jobs on a profile one after the other. What fails is in the result, beside what did not. */
export async function measureProfile(
  profile: Profile,
  kinds: readonly ("describe" | "load" | "engine")[],
  brief: boolean,
  setting: Setting,
): Promise<ProfileResult> {
  const directory = mkdtempSync(join(tmpdir(), "podwall-bench-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // A signal ends the process without a way through `finally`.
  process.once("exit", remove);
  try {
    let all: JobResult = {};
    const failures: Failure[] = [];
    for (const kind of kinds) {
      const { result, failure } = await run(
        profile,
        kind,
        directory,
        setting.quick ? QUICK_SCALE : 1,
        brief,
        setting,
      );
      all = { ...all, ...result, measures: { ...all.measures, ...result.measures } };
      if (failure !== undefined) failures.push(failure);
    }
    return {
      name: profile.name,
      title: profile.title,
      sizes: all.sizes,
      statistics: all.statistics,
      // The published figures are those of the full size.
      wanted: setting.quick ? {} : profile.wanted,
      manifestMegabytes: all.manifestMegabytes,
      totals: all.totals,
      measures: all.measures ?? {},
      failures,
    };
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** The profile at a size that the naive loop can finish, by both ways. */
export async function compareWithNaive(profile: Profile, setting: Setting): Promise<NaiveResult | Failure> {
  const scale = profile.naiveScale * (setting.quick ? 0.5 : 1);
  const { result, failure } = await run(profile, "naive", "", scale, setting.quick, setting);
  if (result.naive !== undefined) return { ...result.naive, title: `${profile.name} at ${scale * 100}%` };
  return failure ?? { job: "naive", reason: "it told nothing" };
}

async function run(
  profile: Profile,
  kind: Job["kind"],
  directory: string,
  scale: number,
  brief: boolean,
  { childScript, timeoutMilliseconds, progress }: Setting,
): ReturnType<typeof runJob> {
  const job: Job = { kind, profile: profile.name, scale, brief, directory };
  return await runJob(childScript, job, timeoutMilliseconds, (step) => progress(`${profile.name}: ${step}`));
}
