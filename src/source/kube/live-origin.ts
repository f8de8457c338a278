import { pathInWords } from "../../k8s/check.ts";
import type { FieldPath, Origin, Position } from "../../k8s/location.ts";

/**
 * An object of an API server: `prod:networkpolicies/shop/db-policy`, with the path of the field where one is meant. A
 * class, as there is one for every object of a cluster: they share their methods, and no text is made unless asked for.
 */
export class LiveOrigin implements Origin {
  readonly #list: string;
  readonly #namespace: string | undefined;
  #name: string;

  /** `list` is what the objects of one list have in common: `prod:networkpolicies`. */
  constructor(list: string, namespace: string | undefined, name: string) {
    this.#list = list;
    this.#namespace = namespace;
    this.#name = name;
  }

  get file(): string {
    const path = this.#namespace === undefined ? this.#name : `${this.#namespace}/${this.#name}`;
    return `${this.#list}/${path}`;
  }

  position(field: FieldPath): Position {
    // That it is this object is said already.
    const isObject = field.length === 0 || field[0] === "metadata";
    return { file: isObject ? this.file : `${this.file} ${pathInWords(field)}`, line: 0, column: 0 };
  }

  /** Takes an equal text for the name in place of its own, so that one of them is in memory. */
  shareName(name: string): void {
    if (name === this.#name) this.#name = name;
  }
}
