/** Text as the database takes it: without halves of characters and the character 0. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** JSON of a value, all of whose texts the database takes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, each) => (typeof each === 'string' ? storable(each) : each));
}
