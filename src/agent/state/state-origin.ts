import type { Origin, Position } from "../../k8s/location.ts";

/** The API server's words of an object are not kept: a place in it is the object. A class, as there is one for every pod. */
export class StateOrigin implements Origin {
  readonly #kind: string;
  readonly #id: string;

  constructor(kind: string, id: string) {
    this.#kind = kind;
    this.#id = id;
  }

  get file(): string {
    return `state:${this.#kind} ${this.#id}`;
  }

  position(): Position {
    return { file: this.file, line: 0, column: 0 };
  }
}
