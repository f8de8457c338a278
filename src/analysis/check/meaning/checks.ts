import type { Check } from "../check.ts";
import { denyAllByType } from "./deny-all-by-type.ts";
import { emptyLists } from "./empty-lists.ts";
import { emptySelectors } from "./empty-selectors.ts";
import { hostNetworkPodsSelected } from "./host-network-pods-selected.ts";
import { nameLabel } from "./name-label.ts";
import { orInsteadOfAnd } from "./or-instead-of-and.ts";
import { podSelectorInOtherNamespace } from "./pod-selector-in-other-namespace.ts";
import { policyTypesMissingEgress } from "./policy-types-missing-egress.ts";
import { subjectWiderThanName } from "./subject-wider-than-name.ts";
import { unknownNamespace } from "./unknown-namespace.ts";
import { unlistedRules } from "./unlisted-rules.ts";

/** Policies that mean something else than they look like. */
export const MEANING_CHECKS: readonly Check[] = [
  orInsteadOfAnd,
  podSelectorInOtherNamespace,
  policyTypesMissingEgress,
  denyAllByType,
  unlistedRules,
  emptyLists,
  emptySelectors,
  subjectWiderThanName,
  hostNetworkPodsSelected,
  unknownNamespace,
  nameLabel,
];
