/** Bad input from a person; the message says what to do and is safe to show. */
export class UserError extends Error {
  readonly code = 'user_error';
  override readonly name = 'UserError';
}
