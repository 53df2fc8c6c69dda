import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { UserError } from '../errors.ts';
import { refusalOf } from './failures.ts';

const late = new Set(['expired_trigger_id', 'trigger_expired', 'exchanged_trigger_id']);

/** Opens a modal for whoever pressed or typed something just now. Throws a UserError where that is too long ago. */
export async function openModal(slack: WebClient, triggerId: string, view: ModalView): Promise<void> {
  try {
    await slack.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    if (!late.has(refusalOf(error) ?? '')) throw error;
    throw new UserError('Sorry, that took too long to open. Please press it again.');
  }
}
