/**
 * Why a help desk refused. `unauthorized`, `forbidden` and `moved` end once somebody changes the settings; so try those
 * again later, and the others never.
 */
export type RefusalReason =
  /** The address, the account or the token of the help desk is wrong. */
  | 'unauthorized'
  | 'forbidden'
  /** The help desk has another address now. */
  | 'moved'
  /** There is no such ticket (any more), group or file. */
  | 'not_found'
  /** A closed ticket takes no change; a follow-up does. */
  | 'closed'
  /** The help desk does not take what was sent. */
  | 'invalid'
  /** The file is larger than may be. */
  | 'too_large'
  /** What came instead of the file is none: a sign-in page, for instance. */
  | 'not_the_file'
  /** The help desk found malware in the file. */
  | 'unsafe';

/** The help desk said no and did nothing; another attempt would end alike. The message is safe to show. */
export class HelpDeskRefused extends Error {
  readonly code = 'help_desk_refused';
  override readonly name = 'HelpDeskRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The help desk cannot be reached or is too busy; another attempt may succeed. The message is safe to show. */
export class HelpDeskUnavailable extends Error {
  readonly code = 'help_desk_unavailable';
  override readonly name = 'HelpDeskUnavailable';
  /** Not to be asked again before then; null where it did not say. */
  readonly retryAt: Date | null;
  /** Whether what was asked for may have been done, though no answer came. */
  readonly mayBeDone: boolean;

  constructor(message: string, { retryAt = null, mayBeDone }: { retryAt?: Date | null; mayBeDone: boolean }) {
    super(message);
    this.retryAt = retryAt;
    this.mayBeDone = mayBeDone;
  }
}
