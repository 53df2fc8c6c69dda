/** Zendesk's refusal of a request, with the body it answers. */
export class ZendeskRefusal extends Error {
  readonly code = 'zendesk_refusal';
  override readonly name = 'ZendeskRefusal';
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`Zendesk refuses with status ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** 422: a value cannot be; `field` is Zendesk's name of it. */
export function invalid(field: string, description: string): ZendeskRefusal {
  const body = {
    error: 'RecordInvalid',
    description: 'Record validation errors',
    details: { [field]: [{ description }] },
  };
  return new ZendeskRefusal(422, body);
}

/** 404: there is no such thing, or it was deleted. */
export const notFound = () => new ZendeskRefusal(404, { error: 'RecordNotFound', description: 'Not found' });

/** 401, in the words that Zendesk has for it. */
export const unauthorized = () => new ZendeskRefusal(401, { error: "Couldn't authenticate you" });

/** 429, until `seconds` have passed. */
export function tooMany(seconds: number | string): ZendeskRefusal {
  const body = {
    error: 'APIRateLimitExceeded',
    description: 'Number of allowed API requests per minute exceeded',
  };
  return new ZendeskRefusal(429, body, { 'retry-after': String(seconds) });
}
