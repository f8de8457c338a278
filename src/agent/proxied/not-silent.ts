import type { ResponseBody } from "../../source/kube/connections.ts";

/**
 * The chunks of a stream; throws once nothing has come for so many milliseconds. A reader that takes its time is no
 * silence.
 */
export async function* notSilentFor(
  millis: number,
  stream: ResponseBody,
): AsyncGenerator<Buffer, void, undefined> {
  const end = (): void => stream.destroy(new Error(`nothing came for ${millis / 1000} s`));
  let timer = setTimeout(end, millis);
  try {
    for await (const chunk of stream) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(end, millis);
    }
  } finally {
    clearTimeout(timer);
  }
}
