const excerptLength = 200;

/** A row, or one cell of it, that cannot be taken. The message is the reason as the rejects file shows it. */
export class RowFault extends Error {
  readonly code = 'row_fault';
  override readonly name = 'RowFault';
  readonly column: string | null;
  readonly value: string;

  constructor(reason: string, column: string | null = null, value: unknown = '') {
    super(reason);
    this.column = column;
    this.value = excerpt(value);
  }
}

/** The beginning of a value, on one line and without control characters. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const start = text
    .slice(0, excerptLength)
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  return text.length > excerptLength ? `${start}…` : start;
}
