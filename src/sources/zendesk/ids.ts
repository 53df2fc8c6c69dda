import { HelpDeskRefused } from '../../helpdesk/errors.ts';

/**
 * The number that Zendesk knows a thing by.
 * @throws {HelpDeskRefused} when the id is none of Zendesk's, and so must not become part of an address
 */
export function toNumber(id: string, what: string): number {
  const number = /^[1-9]\d{0,15}$/.test(id) ? Number(id) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new HelpDeskRefused('not_found', `Zendesk has no ${what} ${id.slice(0, 40)}.`);
  return number;
}
