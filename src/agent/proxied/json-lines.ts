/** No line of a flow log comes near this many characters; a stream without line breaks is none. */
const LONGEST_LINE = 1 << 20;

/**
 * The values of a stream with one JSON text a line. Empty lines, which say no more than that the stream lives, are
 * passed over. Throws a SyntaxError for anything else.
 */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as unknown;
    if (rest.length > LONGEST_LINE) throw new SyntaxError("a line without an end");
  }
}
