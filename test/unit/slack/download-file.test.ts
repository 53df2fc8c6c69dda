import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isSlackAddress, openSlackFile } from '../../../src/slack/download-file.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function start(answer: Answer): Promise<{ url: string; asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const open = async (url: string, slackUrl: string, type = 'text/plain') => {
  const bytes = await openSlackFile(
    { token: 'xoxb-secret', slackApiUrl: `${slackUrl}/api/` },
    { name: 'log.txt', type, url },
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test("the token is for Slack's own hosts alone", () => {
  const api = 'https://slack.com/api/';
  const own = [
    'https://files.slack.com/files-pri/T1-F1/a.txt',
    'https://slack.com/x',
    'https://acme.enterprise.slack.com/x',
  ];
  const others = [
    'http://files.slack.com/x',
    'https://files.slack.com.evil.example/x',
    'https://evilslack.com/x',
    'https://files.slack.com:8443/x',
    'https://slack.com@evil.example/',
  ];
  expect(own.filter((url) => !isSlackAddress(new URL(url), api))).toEqual([]);
  expect(others.filter((url) => isSlackAddress(new URL(url), api))).toEqual([]);
});

test('a file is read with the token; from elsewhere it is not even asked for', async () => {
  const slack = await start((_, response) => response.end('a log'));
  expect(await open(`${slack.url}/files-pri/T1-F1/log.txt`, slack.url)).toBe('a log');
  expect(slack.asked).toEqual(['Bearer xoxb-secret']);
  const other = await start((_, response) => response.end('a trap'));
  await expect(open(`${other.url}/log.txt`, slack.url)).rejects.toMatchObject({ reason: 'not_the_file' });
  expect(other.asked).toEqual([]);
});

test('a redirect is followed without the token, also back to where it came from', async () => {
  const other = await start((_, response) => response.writeHead(302, { location: `${slack.url}/last` }).end());
  const slack = await start((request, response) => {
    if (request.url === '/last') response.end('at last');
    else response.writeHead(302, { location: `${other.url}/next` }).end();
  });
  expect(await open(`${slack.url}/first`, slack.url)).toBe('at last');
  expect([...slack.asked, ...other.asked]).toEqual(['Bearer xoxb-secret', undefined, undefined]);
});

test('a page to sign in on is not the file, unless the file is a page', async () => {
  const slack = await start((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html></html>');
  });
  await expect(open(`${slack.url}/a`, slack.url)).rejects.toMatchObject({ reason: 'not_the_file' });
  expect(await open(`${slack.url}/a`, slack.url, 'text/html')).toContain('<html>');
});

test('trouble may pass, a refusal does not', async () => {
  const slack = await start((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
  await expect(open(`${slack.url}/503`, slack.url)).rejects.toMatchObject({ code: 'help_desk_unavailable' });
  await expect(open(`${slack.url}/429`, slack.url)).rejects.toMatchObject({ code: 'help_desk_unavailable' });
  await expect(open(`${slack.url}/404`, slack.url)).rejects.toMatchObject({ reason: 'not_found' });
});
