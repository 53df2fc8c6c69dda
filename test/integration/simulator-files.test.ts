import { describe, expect, test } from 'vitest';
import { BOT_TOKEN, CS_TEAM, type client, MAYA, refusal, startSimulator } from './simulator-kit.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

describe('a picture', () => {
  const picture = (id: string) => [{ type: 'image', slack_file: { id }, alt_text: 'A trend' }] as const;
  async function upload(web: ReturnType<typeof client>, to: string | null) {
    const reserved = await web.files.getUploadURLExternal({ filename: 'trend.png', length: PNG.length });
    const { upload_url = '', file_id: id = '' } = reserved;
    await fetch(upload_url, { method: 'POST', body: new Uint8Array(PNG) });
    await web.files.completeUploadExternal({ files: [{ id, title: 'Trend' }], ...(to && { channel_id: to }) } as never);
    return id;
  }

  test('can be shown once it is complete and shared, not before', async () => {
    const { web, simulator } = await startSimulator({ fileDelayMs: 500 });
    const id = await upload(web, CS_TEAM);
    const show = () => refusal(web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks: [...picture(id)] }));
    expect(await show()).toBe('invalid_blocks');
    expect((await web.files.info({ file: id })).file).toMatchObject({ mimetype: '', shares: {} });
    await simulator.waitForIdle();
    expect((await web.files.info({ file: id })).file).toMatchObject({ mimetype: 'image/png', channels: [CS_TEAM] });
    expect(await show()).toBe('ok');
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([
      { subtype: 'file_share', files: [{ id, title: 'Trend' }] },
      { blocks: [{ type: 'image', image_url: `/sim/file/${id}` }] },
    ]);
  });

  test('is complete when the simulator closes, for a job that waits for it', async () => {
    const { web, simulator } = await startSimulator({ fileDelayMs: 60_000 });
    const id = await upload(web, CS_TEAM);
    await simulator.close();
    const states = simulator.journal.flatMap((entry) =>
      entry.kind === 'file' && entry.file === id ? entry.state : [],
    );
    expect(states.at(-1)).toBe('ready');
  });

  test('that is unknown or shared with nobody cannot be shown', async () => {
    const { web, simulator } = await startSimulator();
    const id = await upload(web, null);
    await simulator.waitForIdle();
    expect((await web.files.info({ file: id })).file).toMatchObject({ mimetype: 'image/png', shares: {} });
    for (const file of [id, 'F0NOTHING']) {
      await expect(
        web.chat.postMessage({ channel: CS_TEAM, text: 'a', blocks: [...picture(file)] }),
      ).rejects.toMatchObject({
        data: { error: 'invalid_blocks', errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'] },
      });
    }
  });

  test('is loaded by the bot with its token and by nobody else', async () => {
    const { web, simulator } = await startSimulator();
    const id = await upload(web, CS_TEAM);
    await simulator.waitForIdle();
    const url = (await web.files.info({ file: id })).file?.url_private ?? '';
    const open = await fetch(url, { headers: { authorization: `Bearer ${BOT_TOKEN}` } });
    expect(Buffer.from(await open.arrayBuffer())).toEqual(PNG);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302);
  });

  test("goes up through the client's own helper", async () => {
    const { web, simulator } = await startSimulator();
    await web.filesUploadV2({ channel_id: CS_TEAM, file: PNG, filename: 'trend.png', initial_comment: 'See' });
    await simulator.waitForIdle();
    expect(simulator.messages(CS_TEAM, MAYA)).toMatchObject([{ text: 'See', files: [{ mimetype: 'image/png' }] }]);
  });

  test('is refused with the wrong length, or when completed without bytes', async () => {
    const { web } = await startSimulator();
    const { upload_url = '', file_id: id = '' } = await web.files.getUploadURLExternal({
      filename: 'a.png',
      length: 7,
    });
    expect((await fetch(upload_url, { method: 'POST', body: 'four' })).status).toBe(400);
    expect(await refusal(web.files.completeUploadExternal({ files: [{ id, title: 'a' }] }))).toBe('file_not_found');
  });

  test('is refused at an upload URL that is unknown or was used, and when completed twice', async () => {
    const { web, url } = await startSimulator();
    const put = (to: string) => fetch(to, { method: 'POST', body: 'four' }).then(({ status }) => status);
    expect(await put(`${url}/upload/v1/F0NOTHING`)).toBe(400);
    const { upload_url = '', file_id: id = '' } = await web.files.getUploadURLExternal({ filename: 'a', length: 4 });
    expect([await put(upload_url), await put(upload_url)]).toEqual([200, 400]);
    const complete = () => refusal(web.files.completeUploadExternal({ files: [{ id, title: 'a' }] }));
    expect([await complete(), await complete()]).toEqual(['ok', 'file_not_found']);
    expect(await put(upload_url)).toBe(400);
  });
});
