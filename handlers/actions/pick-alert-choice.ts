import { SNOOZES } from '../../blocks/alert-card.ts';
import { ALERT_MENU, type AlertChoice, readAlertChoice } from '../../blocks/alert-list.ts';
import { findAlertView } from '../../src/db/alert-view.ts';
import type { Deps } from '../../src/deps.ts';
import { UserError } from '../../src/errors.ts';
import { viewContext } from '../alerts/context.ts';
import { makeAlertTask } from '../alerts/make-task.ts';
import { acknowledge, gone, snoozeAlert, vote } from '../alerts/press.ts';
import { settingsOf } from '../alerts/settings.ts';
import { answerWithCard } from '../health/answers.ts';
import { findAccountById } from '../health/find-account.ts';
import { askForRiskOfAlert } from '../invoices/risk.ts';
import type { ActionArgs, ActionDefinition } from '../types.ts';

/** The menu beside an alert of several. */
export const pickAlertChoice: ActionDefinition = {
  actionId: ALERT_MENU,
  stores: true,
  async run(args, deps) {
    const choice = readAlertChoice(args.value);
    if (!choice) throw new UserError(gone);
    const { what, alertId, page } = choice;
    if (what === 'open') return openAccountOf(args, alertId, deps);
    if (what === 'risk') return askForRiskOfAlert(args, { alertId, risk: null }, deps);
    if (what === 'task') await args.respond(await makeAlertTask(args, alertId, deps));
    const told = what === 'task' ? null : await change(args, choice, deps);
    // A list that only one person sees is nobody else's to draw anew.
    if (page !== null && args.ephemeral)
      return args.respond(await settingsOf(args, { page, told }, deps), { replace: true });
    if (told !== null) await args.respond({ text: told });
  },
};

async function change(args: ActionArgs, { what, alertId }: AlertChoice, deps: Deps): Promise<string | null> {
  if (what === 'acknowledge') return acknowledge(args, alertId, deps);
  const week = SNOOZES.find(({ key }) => key === '7d');
  if (what === 'snooze' && week) return snoozeAlert(args, alertId, week, deps);
  if (what !== 'useful' && what !== 'not-useful') throw new UserError(gone);
  await vote(args, alertId, what === 'useful', deps);
  return null;
}

async function openAccountOf(args: ActionArgs, alertId: number, deps: Deps): Promise<void> {
  const alert = await findAlertView(deps.db, alertId, viewContext(deps));
  if (!alert) throw new UserError(gone);
  const view = await findAccountById(alert.account.id, deps);
  await answerWithCard(args, view, { asked: null, replace: false }, deps);
}
