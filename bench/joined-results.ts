import type { BenchResults } from "./result.ts";

/**
 * The results of several runs, each of which measured something else, as those of one. What is in more than one of them
 * is taken from the last. The machine is that of the first; when and how the others were measured is told beside it.
 */
export function joinedResults([first, ...others]: readonly [BenchResults, ...BenchResults[]]): BenchResults {
  let joined = first;
  for (const results of others) joined = joinedWith(joined, results);
  return joined;
}

function joinedWith(joined: BenchResults, results: BenchResults): BenchResults {
  const { enforcement, latency, authoring, agentMemory, command, date, machine, versions } = results;
  const run = { command, date, load: machine.load, podwall: versions.podwall ?? "unknown" };
  return {
    ...joined,
    quick: joined.quick || results.quick,
    profiles: results.profiles.length > 0 ? results.profiles : joined.profiles,
    growth: results.growth.length > 0 ? results.growth : joined.growth,
    naive: results.naive.length > 0 ? results.naive : joined.naive,
    ...(enforcement === undefined ? {} : { enforcement }),
    ...(latency === undefined ? {} : { latency }),
    ...(authoring === undefined ? {} : { authoring }),
    ...(agentMemory === undefined ? {} : { agentMemory }),
    alongside: [...(joined.alongside ?? []), run],
  };
}
