import { readInvoicesPlace } from '../../blocks/invoice-list.ts';
import { readRisk, readRiskMetadata, riskForm } from '../../blocks/payment-risk.ts';
import type { PaymentRisk } from '../../src/billing/types.ts';
import { findAlertView } from '../../src/db/alert-view.ts';
import { findListedInvoice } from '../../src/db/invoice-list.ts';
import { setInvoiceRisk } from '../../src/db/invoice-risk.ts';
import type { InvoiceView } from '../../src/db/invoice-view.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { openModal } from '../../src/slack/open-modal.ts';
import { answerTo } from '../../src/slack/response-url.ts';
import { viewContext } from '../alerts/context.ts';
import { showChanges } from '../alerts/deliver.ts';
import { gone } from '../alerts/press.ts';
import type { Request, ViewAnswer, ViewArgs } from '../types.ts';
import { invoicesOf } from './answers.ts';

const invoiceGone = 'The invoice is no longer there, so there is nothing to expect of it.';

/** Asks why the person expects that of an alert's invoice; the form has what others said of it by now. `risk` null: nothing is chosen. */
export async function askForRiskOfAlert(
  { triggerId }: Pick<Request, 'triggerId'>,
  { alertId, risk }: { alertId: number; risk: PaymentRisk | null },
  deps: Deps,
): Promise<void> {
  await openModal(deps.slack, triggerId, riskForm(await findInvoiceOf(alertId, deps), { risk }));
}

/** The same of an invoice in a list; `responseUrl` is where that is shown anew. */
export async function askForRisk(
  { triggerId }: Pick<Request, 'triggerId'>,
  { invoiceId, list, responseUrl }: { invoiceId: string; list: string; responseUrl: string | null },
  deps: Deps,
): Promise<void> {
  const listed = await findListedInvoice(deps.db, invoiceId, deps.config.timeZone);
  if (!listed) throw new UserError(invoiceGone);
  await openModal(deps.slack, triggerId, riskForm(listed, { risk: null, list, responseUrl }));
}

/** Takes back what was said of an alert's invoice. */
export async function clearRisk({ person }: Pick<Request, 'person'>, alertId: number, deps: Deps): Promise<void> {
  const { invoice } = await findInvoiceOf(alertId, deps);
  await store({ invoiceId: invoice.id, risk: null, by: person.id }, deps);
}

/** Takes what a person expects of an invoice, or takes it back; returns what is wrong with the fields. */
export async function setRisk({ person, metadata, values }: ViewArgs, deps: Deps): Promise<ViewAnswer | undefined> {
  const opened = readRiskMetadata(metadata);
  if (!opened) throw new UserError('This form is from another version. Please open it again.');
  const read = readRisk(values);
  if ('errors' in read) return read;
  const { place, responseUrl } = opened;
  const risk = read.risk === 'clear' ? null : { risk: read.risk, note: read.note };
  await store({ invoiceId: place.invoiceId, risk, by: person.id }, deps);
  const list = readInvoicesPlace(place.list);
  if (responseUrl === null || !list) return undefined;
  try {
    await answerTo(responseUrl, await invoicesOf({ person }, list, deps), { replace: true });
  } catch (error) {
    // It is stored, whether Slack takes that or not.
    deps.log.warn({ err: error, invoice: place.invoiceId }, 'a list of invoices could not be shown anew');
  }
  return undefined;
}

async function findInvoiceOf(
  alertId: number,
  deps: Deps,
): Promise<{ account: { name: string }; invoice: InvoiceView }> {
  const alert = await findAlertView(deps.db, alertId, viewContext(deps));
  if (!alert) throw new UserError(gone);
  if (!alert.invoice) throw new UserError(invoiceGone);
  return { account: alert.account, invoice: alert.invoice };
}

type Wanted = { invoiceId: string; risk: { risk: PaymentRisk; note: string | null } | null; by: string };

async function store(wanted: Wanted, deps: Deps): Promise<void> {
  if (!(await setInvoiceRisk(deps.db, { ...wanted, now: deps.now() }))) throw new UserError(invoiceGone);
  await showChanges(deps);
}
