import type { LabelSelector, LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { requirementsOf } from "../k8s/selector.ts";
import { addBit, type Bitset, emptyBitset, fullBitset, intersectInto, subtractInto } from "../net/bitset.ts";

/** Answers which of a list of label sets a selector matches, without asking each of them. */
export type LabelIndex = (selector: LabelSelector) => Bitset;

/** Builds the index. Its answers have one bit for each place in the list. */
export function labelIndex(list: readonly Labels[]): LabelIndex {
  const places = new Map<string, Map<string, number[]>>();
  for (const [place, labels] of list.entries()) {
    for (const [key, value] of Object.entries(labels)) {
      let values = places.get(key);
      if (values === undefined) {
        values = new Map();
        places.set(key, values);
      }
      const found = values.get(value);
      if (found === undefined) values.set(value, [place]);
      else found.push(place);
    }
  }
  const having = ({ key, operator, values }: LabelSelectorRequirement): Bitset => {
    const result = emptyBitset(list.length);
    const byValue = places.get(key);
    const isByKey = operator === "Exists" || operator === "DoesNotExist";
    for (const value of isByKey ? (byValue?.keys() ?? []) : (values ?? [])) {
      for (const place of byValue?.get(value) ?? []) addBit(result, place);
    }
    return result;
  };
  return (selector) => {
    const result = fullBitset(list.length);
    for (const requirement of requirementsOf(selector)) {
      const isNegated = requirement.operator === "NotIn" || requirement.operator === "DoesNotExist";
      if (isNegated) subtractInto(result, having(requirement));
      else intersectInto(result, having(requirement));
    }
    return result;
  };
}
