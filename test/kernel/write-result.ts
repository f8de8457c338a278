/** Gives `runKernelScript` its result; to be waited for, as the process may end only when all of it is written. */
export function writeResult(result: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(JSON.stringify(result), (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}
