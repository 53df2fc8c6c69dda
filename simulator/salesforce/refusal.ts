/** Salesforce's refusal of a request: a status and a list of errors. */
export class SalesforceRefusal extends Error {
  readonly code = 'salesforce_refusal';
  override readonly name = 'SalesforceRefusal';
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** 400: the query cannot be read. */
export const malformed = (message: string) => new SalesforceRefusal(400, 'MALFORMED_QUERY', message);
/** 400: there is no such field, or it is not compared so. */
export const invalidField = (message: string) => new SalesforceRefusal(400, 'INVALID_FIELD', message);
