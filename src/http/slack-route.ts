import { isSignedBySlack, parseSlackBody, type SlackReceiver } from '../slack/receiver.ts';
import { type Route, readBody, sendJson, sendText } from './server.ts';

const MAX_BODY_BYTES = 1_000_000;

/** POST /slack/events: commands, interactions and events, refused unless Slack signed them within five minutes. */
export function slackRoute(receiver: SlackReceiver, signingSecret: string, now: () => Date): Route {
  return async (request, response) => {
    const raw = await readBody(request, MAX_BODY_BYTES);
    if (raw === null) return sendText(response, 413, 'The body is too large\n');
    const header = (name: string) => request.headers[name]?.toString();
    const signed = isSignedBySlack(
      { body: raw, timestamp: header('x-slack-request-timestamp'), signature: header('x-slack-signature') },
      signingSecret,
      now(),
    );
    if (!signed) return sendText(response, 401, 'The signature is missing, wrong or more than five minutes off\n');
    const body = parseSlackBody(raw, header('content-type'));
    if (!body) return sendText(response, 400, 'The body is not what Slack sends\n');
    if (body.ssl_check) return sendText(response, 200, '');
    if (body.type === 'url_verification') return sendJson(response, 200, { challenge: body.challenge });
    const retryNum = header('x-slack-retry-num');
    await receiver.receive(
      { body, ...(retryNum && { retryNum: Number(retryNum), retryReason: header('x-slack-retry-reason') }) },
      (status, answer) => {
        if (answer === undefined || answer === '') response.writeHead(status).end();
        else if (typeof answer === 'string') sendText(response, status, answer);
        else sendJson(response, status, answer);
      },
    );
  };
}
