/** A comment's text for where the help desk cannot show its author: the name stands above it. */
export function withAuthor(name: string, body: string): string {
  const line = name.replace(/\s+/g, ' ').trim();
  return line === '' ? body : `${line}:\n\n${body}`;
}
