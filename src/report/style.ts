import { styleText } from "node:util";

/** How words are set off from each other: by colour in a terminal, not at all in a file. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

type Format = keyof Style;

const same = (text: string): string => text;

// Whoever picks this style has decided that colour is wanted, so styleText is not to look at the terminal again.
const coloured =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

/** Text as it is. */
export const plainStyle: Style = {
  bold: same,
  dim: same,
  green: same,
  red: same,
  yellow: same,
  cyan: same,
};

/** Text with the escape sequences of a terminal. */
export const colourStyle: Style = {
  bold: coloured("bold"),
  dim: coloured("dim"),
  green: coloured("green"),
  red: coloured("red"),
  yellow: coloured("yellow"),
  cyan: coloured("cyan"),
};
