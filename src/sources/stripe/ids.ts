/** The id of what Stripe gives as an id or, where it was asked to, whole. */
export function idOf(value: string | { id: string }): string {
  return typeof value === 'string' ? value : value.id;
}

/** As `idOf`, where there may be nothing. */
export function idOrNull(value: string | { id: string } | null | undefined): string | null {
  return value ? idOf(value) : null;
}

/** Seconds since 1970 as a Date. */
export function toDate(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** As `toDate`, where there may be nothing. */
export function toDateOrNull(seconds: number | null | undefined): Date | null {
  return typeof seconds === 'number' ? toDate(seconds) : null;
}
