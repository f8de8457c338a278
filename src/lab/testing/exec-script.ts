import { execInPod } from "../exec.ts";

/** Another terminal: `exec-script LAB-PID POD PROGRAM ARGS...`; prints the message of what goes wrong. */
const [lab, pod, ...argv] = process.argv.slice(2);
try {
  process.exitCode = await execInPod(pod!, argv, lab === "-" ? {} : { lab: Number(lab) });
} catch (error) {
  console.log((error as Error).message);
  process.exitCode = 99;
}
