/** 3^30 is an exact integer, with room for more. */
const MOST_IN_A_NUMBER = 30;

/** Makes one number of a list of states 0-2, equal for equal lists of the length. Start with 0. */
export type SignatureStep = (before: number, state: number) => number;

export function signatureStep(length: number): SignatureStep {
  if (length <= MOST_IN_A_NUMBER) return (before, state) => before * 3 + state;
  const numbers = new Map<number, number>();
  return (before, state) => {
    const key = before * 3 + state;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(key, number);
    }
    return number;
  };
}
