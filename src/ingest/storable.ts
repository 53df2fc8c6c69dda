const escaped = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Whether the database takes a JSON text, as JSON.stringify made it: no NUL character, no half of a character. */
export function isStorable(json: string): boolean {
  return !json.includes('\\u') || !escaped.test(json);
}
