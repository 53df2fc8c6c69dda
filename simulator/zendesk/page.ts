import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, send } from '../http.ts';
import type { createActs } from './acts.ts';
import { escapeHtml } from './json.ts';
import type { State, StoredTicket } from './state.ts';
import type { Status } from './types.ts';

const statuses: readonly Status[] = ['open', 'pending', 'hold', 'solved', 'closed'];

/** Serves the page of a ticket, on which an agent reads, replies and sets the status. False: it is for no ticket. */
export async function servePage(
  state: State,
  acts: ReturnType<typeof createActs>,
  { pathname }: URL,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  const ticket = state.tickets.get(Number(/^\/agent\/tickets\/(\d+)$/.exec(pathname)?.[1]));
  if (!ticket || ticket.deleted) return false;
  if (req.method === 'POST') {
    const form = new URLSearchParams((await readBody(req)).toString());
    const text = form.get('text')?.trim();
    const status = statuses.find((each) => each === form.get('status'));
    if (text && ticket.status !== 'closed') acts.reply(ticket.id, text, { public: form.get('public') === 'yes' });
    if (status && status !== ticket.status && ticket.status !== 'closed') acts.setStatus(ticket.id, status);
    send(res, 303, '', { location: `${state.url}/agent/tickets/${ticket.id}` });
  } else {
    send(res, 200, pageOf(state, ticket), { 'content-type': 'text/html; charset=utf-8' });
  }
  return true;
}

function pageOf(state: State, ticket: StoredTicket): string {
  const comments = ticket.audits.flatMap(({ comment }) => {
    if (!comment) return [];
    const author = escapeHtml(state.people.get(comment.author_id)?.name ?? '');
    const kind = comment.public ? 'public' : 'internal note';
    return [`<article><b>${author}</b> <i>${kind}</i><pre>${escapeHtml(comment.body)}</pre></article>`];
  });
  const options = statuses.filter((each) => each !== ticket.status).map((each) => `<option>${each}</option>`);
  const form = `<form method="post"><textarea name="text" rows="5" cols="80" aria-label="Reply"></textarea><br>
<label><input type="checkbox" name="public" value="yes" checked> public</label>
<select name="status" aria-label="Status"><option value="">${ticket.status}</option>${options.join('')}</select>
<button>Send</button></form>`;
  const title = escapeHtml(`#${ticket.id} ${ticket.subject}`);
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body { font: 15px sans-serif; margin: 2em auto; max-width: 50em } pre { font: inherit; white-space: pre-wrap }</style>
</head><body><h1>${title}</h1><p>Status: ${ticket.status}, priority: ${ticket.priority ?? 'none'}</p>
${comments.join('\n')}
${ticket.status === 'closed' ? '' : form}</body></html>`;
}
