/** The element of the page that has this id. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/** A new element with text or other elements in it; never with markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

/** A button that chooses a peer, with its name. */
export function peerButton(text: string, place: number, choose: (place: number) => void): HTMLButtonElement {
  const button = element("button", "peer", text);
  button.type = "button";
  button.addEventListener("click", () => choose(place));
  return button;
}
