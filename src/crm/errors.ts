/** Why a CRM refused; all but `quota` end only once somebody changes the settings. */
export type RefusalReason = 'unauthorized' | 'forbidden' | 'moved' | 'invalid' | 'quota';

/** The CRM said no; another attempt would end alike. The message says what to do and is safe to show. */
export class CrmRefused extends Error {
  readonly code = 'crm_refused';
  override readonly name = 'CrmRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The CRM cannot be reached or is too busy, also after a few attempts, or another sync was quicker. The message is safe to show. */
export class CrmUnavailable extends Error {
  readonly code = 'crm_unavailable';
  override readonly name = 'CrmUnavailable';
}
