/** The pictures that `podwall map` draws. */
export const PICTURES = ["dot", "mermaid", "svg", "html"] as const;

export type Picture = (typeof PICTURES)[number];

export function isPicture(output: string): output is Picture {
  return (PICTURES as readonly string[]).includes(output);
}
