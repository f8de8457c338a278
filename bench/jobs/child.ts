// One job in a process of its own, so that its peak memory is its own and no job profits from another's warm-up.
import type { GeneratedCluster } from "../profiles/inventory.ts";
import { profileNamed } from "../profiles/profiles.ts";
import { consumed } from "../stopwatch.ts";
import { describeJob } from "./describe-job.ts";
import { BRIEF, engineJob, THOROUGH } from "./engine-job.ts";
import type { Job, Message, Reporter } from "./job.ts";
import { loadJob } from "./load-job.ts";
import { naiveJob } from "./naive-job.ts";

const send = (message: Message): void => {
  process.send?.(message);
};

const report: Reporter = {
  progress: (step) => send({ kind: "progress", step }),
  result: (result) => send({ kind: "result", result }),
};

function run(job: Job): void {
  const generate = (): GeneratedCluster => profileNamed(job.profile).generate(job.scale);
  const effort = job.brief ? BRIEF : THOROUGH;
  switch (job.kind) {
    case "describe":
      describeJob(generate(), job.directory, report);
      break;
    case "load":
      loadJob(job.directory, effort.full, report);
      break;
    case "engine":
      engineJob(generate(), effort, report);
      break;
    case "naive":
      naiveJob(generate(), effort.full, report);
      break;
  }
  // Told to the parent, so that every result had to be computed.
  report.progress(`done (${consumed()})`);
}

// Once only: a channel that nobody listens to any more lets the process end when the job is done.
process.once("message", run);
