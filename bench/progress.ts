/** One line that is drawn over itself on a terminal, and nothing elsewhere. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  const start = performance.now();
  return {
    show(text) {
      if (!stream.isTTY) return;
      const seconds = Math.round((performance.now() - start) / 1000);
      stream.write(`\r\u001b[K${`${seconds} s  ${text}`.slice(0, stream.columns - 1)}`);
    },
    clear() {
      if (stream.isTTY) stream.write("\r\u001b[K");
    },
  };
}
