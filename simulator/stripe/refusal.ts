/** Stripe's refusal of a request, with the error it answers. */
export class StripeRefusal extends Error {
  readonly code = 'stripe_refusal';
  override readonly name = 'StripeRefusal';
  readonly status: number;
  readonly error: Record<string, unknown>;

  constructor(status: number, error: Record<string, unknown>) {
    super(`Stripe refuses with status ${status}: ${error.message}`);
    this.status = status;
    this.error = error;
  }
}

/** 400: the request cannot be. `param` is the parameter that is wrong. */
export function invalid(message: string, code?: string, param?: string): StripeRefusal {
  return new StripeRefusal(400, { ...withDoc(code), message, ...(param !== undefined && { param }), ...invalidType });
}

/** 404: there is no such object; `noun` as Stripe's words have it. */
export function missing(noun: string, id: string, param = 'id'): StripeRefusal {
  const error = { ...withDoc('resource_missing'), message: `No such ${noun}: '${id}'`, param, ...invalidType };
  return new StripeRefusal(404, error);
}

/** 404: the API has no such path. */
export function unknownPath(method: string, path: string): StripeRefusal {
  return new StripeRefusal(404, { message: `Unrecognized request URL (${method}: ${path}).`, ...invalidType });
}

/** 401, of a wrong key or none. */
export function unauthorized(given: string | null): StripeRefusal {
  const message =
    given === null
      ? 'You did not provide an API key. You need to provide your API key in the Authorization header.'
      : `Invalid API Key provided: ${given.slice(0, 7)}${'*'.repeat(10)}${given.slice(-4)}`;
  return new StripeRefusal(401, { message, ...invalidType });
}

/** 429. */
export const tooMany = () =>
  new StripeRefusal(429, {
    ...withDoc('rate_limit'),
    message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    ...invalidType,
  });

/** Trouble of a status, as a fault scripts it. */
export function trouble(
  status: number,
  code: string | undefined,
  message = 'An unknown error occurred',
): StripeRefusal {
  return new StripeRefusal(status, { ...withDoc(code), message, type: status >= 500 ? 'api_error' : invalidType.type });
}

const invalidType = { type: 'invalid_request_error' };

const withDoc = (code: string | undefined) =>
  code === undefined ? {} : { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` };
