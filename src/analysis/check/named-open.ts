/** True for the name of a policy that says whom it is for: `allow-all`, `from-any-namespace`, `public`. */
export function isNamedOpen(name: string): boolean {
  return /\b(all|any|every|cluster|everyone|anyone|open|public|world)\b/i.test(name);
}
