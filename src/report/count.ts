/** `1 pod`, `2,000 pods` */
export function countOf(number: number, word: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? word : `${word}s`}`;
}
