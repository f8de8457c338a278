import { objects } from "./objects.ts";
import { rules } from "./rules.ts";
import { syntax } from "./syntax.ts";
import type { WrongInput } from "./wrong-input.ts";

export type { WrongInput } from "./wrong-input.ts";

/** Every mistake that the command line must name, place and show the way out of. */
export const wrongInputs: readonly WrongInput[] = [...syntax, ...objects, ...rules];
