import { SocketModeClient } from '@slack/socket-mode';
import type { Logger } from 'pino';
import { slackLogger } from './logger.ts';
import type { SlackReceiver } from './receiver.ts';

type Envelope = {
  ack(response?: Record<string, unknown>): Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
};

/**
 * Takes Slack's requests over a WebSocket instead of HTTP. An envelope is acknowledged when the receiver answers 200,
 * so what failed is sent again.
 */
export async function startSocketMode(options: {
  appToken: string;
  apiUrl: string;
  receiver: SlackReceiver;
  log: Logger;
}): Promise<{ close(): Promise<void> }> {
  const { receiver, log } = options;
  const client = new SocketModeClient({
    appToken: options.appToken,
    clientOptions: { slackApiUrl: options.apiUrl },
    logger: slackLogger(log),
  });
  const underWay = new Set<Promise<void>>();
  client.on('slack_event', (envelope: Envelope) => {
    const work = receiver
      .receive(
        { body: envelope.body, retryNum: envelope.retry_num, retryReason: envelope.retry_reason },
        (status, body) => {
          if (status !== 200) return;
          envelope
            .ack(typeof body === 'string' ? { text: body } : (body as Record<string, unknown> | undefined))
            .catch((error: unknown) =>
              log.warn({ err: error }, 'an envelope could not be acknowledged; Slack sends it again'),
            );
        },
      )
      .finally(() => underWay.delete(work));
    underWay.add(work);
  });
  await client.start();
  return {
    async close() {
      await Promise.allSettled(underWay);
      await client.disconnect();
    },
  };
}
