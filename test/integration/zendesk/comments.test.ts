import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HelpDeskUnavailable } from '../../../src/helpdesk/errors.ts';
import { again, first, newComment, newTicket, startZendesk, troubleOf } from './kit.ts';

async function startTicket(options: Parameters<typeof startZendesk>[0] = {}) {
  const started = await startZendesk(options);
  const created = await started.desk.createTicket(newTicket(), first);
  return { ...started, ...created, number: Number(created.id) };
}

describe('a comment', () => {
  test('of a customer is in their name, of ours has the name above it, and a note is never in a customer’s name', async () => {
    const { server, desk, id, number, requesterId } = await startTicket();
    const author = { name: 'Carla Customer', personId: requesterId };
    const added = await desk.addComment(id, newComment({ author }), first);
    await desk.addComment(
      id,
      newComment({ key: '2', body: 'On it.', author: { name: 'Maya Lind', personId: null } }),
      first,
    );
    await desk.addComment(id, newComment({ key: '3', body: 'She called.', author, isPublic: false }), first);
    expect(server.comments(number).slice(1)).toMatchObject([
      { id: Number(added.commentId), public: true, author: 'Carla Customer', body: 'It says "timeout".' },
      { public: true, author: 'Bellwether', body: 'Maya Lind:\n\nOn it.' },
      { public: false, author: 'Bellwether', body: 'Carla Customer:\n\nShe called.' },
    ]);
  });

  test('whose answer was lost is added once, and the same comment is found', async () => {
    const { server, desk, id, number } = await startTicket();
    server.fault({ request: `PUT /api/v2/tickets/${id}`, kind: 'lost' });
    expect((await troubleOf(desk.addComment(id, newComment(), first))).mayBeDone).toBe(true);
    const { commentId } = await desk.addComment(id, newComment(), again);
    const { commentId: same } = await desk.addComment(id, newComment(), again);
    expect(
      server
        .comments(number)
        .map((comment) => String(comment.id))
        .slice(1),
    ).toEqual([commentId]);
    expect(same).toBe(commentId);
  });

  test('is found on a ticket that was closed meanwhile', async () => {
    const { server, desk, id } = await startTicket();
    server.fault({ request: `PUT /api/v2/tickets/${id}`, kind: 'lost' });
    await troubleOf(desk.addComment(id, newComment(), first));
    server.closeTicket(Number(id));
    const comments = await desk.listComments(id, null);
    expect(await desk.addComment(id, newComment(), again)).toEqual({ commentId: comments.at(-1)?.id });
  });

  test('is found among very many', async () => {
    const { server, desk, id, number } = await startTicket();
    for (let index = 0; index < 150; index++) server.reply(number, `Reply ${index}`);
    server.fault({ request: `PUT /api/v2/tickets/${id}`, kind: 'lost' });
    await troubleOf(desk.addComment(id, newComment(), first));
    for (let index = 0; index < 150; index++) server.reply(number, `Reply ${index}`);
    await desk.addComment(id, newComment(), again);
    expect(server.comments(number)).toHaveLength(302);
  });

  test('that did not arrive is added by the next attempt', async () => {
    const { server, desk, id, number } = await startTicket();
    server.fault({ request: `PUT /api/v2/tickets/${id}`, kind: 'dropped' });
    await troubleOf(desk.addComment(id, newComment(), first));
    await desk.addComment(id, newComment(), again);
    expect(server.comments(number)).toHaveLength(2);
  });

  test('that Zendesk only gets to after the next attempt looked for it is added once', async () => {
    let changes = 0;
    const { server, desk, id, number, clock } = await startTicket({
      answerMs: 300,
      before: async (method) => {
        if (method !== 'PUT' || ++changes !== 2) return;
        clock.at = new Date(clock.at.getTime() + 2_000);
        await server.release();
      },
    });
    server.fault({ request: `PUT /api/v2/tickets/${id}`, kind: 'held' });
    await troubleOf(desk.addComment(id, newComment(), first));
    expect((await troubleOf(desk.addComment(id, newComment(), again))).mayBeDone).toBe(true);
    await desk.addComment(id, newComment(), again);
    expect(server.comments(number)).toHaveLength(2);
  });

  test('of the same key on another ticket, or of the ticket’s own id, is another', async () => {
    const { server, desk, id, number } = await startTicket();
    const key = newTicket().externalId;
    await desk.addComment(id, newComment({ key }), again);
    const other = await desk.createTicket(newTicket({ externalId: 'other' }), first);
    await desk.addComment(other.id, newComment({ key }), again);
    expect([server.comments(number).length, server.comments(Number(other.id)).length]).toEqual([2, 2]);
  });
});

describe('the list of comments', () => {
  test('has a thousand by cursor, each once, in order', async () => {
    const { server, desk, id, number, clock } = await startTicket();
    for (let index = 0; index < 999; index++) {
      // Several share a second.
      if (index % 3 === 0) clock.at = new Date(clock.at.getTime() + 1000);
      server.reply(number, `Reply ${index}`, { public: index % 2 === 0 });
    }
    const comments = await desk.listComments(id, null);
    expect(comments.map((comment) => Number(comment.id))).toEqual(server.comments(number).map((comment) => comment.id));
    expect(comments.map(({ isPublic }) => isPublic)).toEqual(server.comments(number).map((each) => each.public));
  });

  test('is not shifted by what is written while it is read', async () => {
    const written: number[] = [];
    const { server, desk, id, number } = await startTicket({
      before: (_method, path) => {
        if (path.endsWith('/comments.json')) written.push(server.reply(1, 'Meanwhile'));
      },
    });
    for (let index = 0; index < 250; index++) server.reply(number, `Reply ${index}`);
    const ids = (await desk.listComments(id, null)).map((comment) => Number(comment.id));
    // What comes after the first page was asked for is for the next look.
    expect(ids).toEqual(
      server
        .comments(number)
        .map((comment) => comment.id)
        .slice(0, 252),
    );
    expect((await desk.listComments(id, String(ids.at(-1)))).map((comment) => Number(comment.id))).toEqual(
      written.slice(1),
    );
  });

  test('goes on after the known comment, and is empty after the last', async () => {
    const { server, desk, id, number, commentId } = await startTicket();
    const ids = ['one', 'two', 'three'].map((text) => String(server.reply(number, text)));
    const listAfter = async (known: string | null) => (await desk.listComments(id, known)).map((comment) => comment.id);
    expect(await listAfter(null)).toEqual([commentId, ...ids]);
    expect(await listAfter(commentId)).toEqual(ids);
    expect(await listAfter(ids[1] ?? null)).toEqual([ids[2]]);
    expect(await listAfter(ids[2] ?? null)).toEqual([]);
    expect(await listAfter('1')).toEqual([commentId, ...ids]);
  });

  test.each([true, false])(
    'tells who wrote, also where comments show what was noted of them: %s',
    async (commentMetadata) => {
      const { server, desk, id, number, requesterId } = await startTicket({ commentMetadata });
      const bytes = Buffer.from('a file');
      server.reply(number, 'Please\r\nsend  the log.', { files: [{ name: 'how.txt', type: 'text/plain', bytes }] });
      server.answerByMail(number, 'Here it is.');
      await desk.addComment(id, newComment({ author: { name: 'Carla Customer', personId: requesterId } }), first);
      for (let index = 0; index < 9; index++) await desk.addComment(id, newComment({ key: `more ${index}` }), first);
      const comments = await desk.listComments(id, null);
      expect(comments.map(({ author }) => author).slice(0, 5)).toEqual([
        { name: 'Bellwether', role: 'us' },
        { name: 'Ada Agent', role: 'agent' },
        { name: 'Carla Customer', role: 'customer' },
        { name: 'Carla Customer', role: 'us' },
        { name: 'Bellwether', role: 'us' },
      ]);
      expect(comments[1]).toMatchObject({
        body: 'Please\nsend  the log.',
        isPublic: true,
        attachments: [{ name: 'how.txt', type: 'text/plain', size: 6, isUnsafe: false }],
        createdAt: new Date('2026-11-20T09:00:00Z'),
      });
      const last = await desk.listComments(id, comments.at(-2)?.id ?? null);
      expect(last.map(({ author }) => author.role)).toEqual(['us']);
    },
  );

  test('takes for an agent’s what the agent of our token writes by hand', async () => {
    const { server, desk, id, number } = await startTicket();
    const own = server.journal.find((entry) => entry.kind === 'comment')?.author ?? 0;
    server.reply(number, 'By hand', { agentId: own });
    expect((await desk.listComments(id, null)).at(-1)?.author).toEqual({ name: 'Bellwether', role: 'agent' });
  });
});

const faults = fc.constantFrom(null, 'lost' as const, 'dropped' as const, 'status' as const, 'rate_limited' as const);
const step = fc.oneof(
  fc.record({ act: fc.constant('create' as const), isPublic: fc.boolean(), fault: faults }),
  fc.record({ act: fc.constant('comment' as const), isPublic: fc.boolean(), asCustomer: fc.boolean(), fault: faults }),
  fc.record({ act: fc.constant('change' as const), fault: faults }),
);

test('whatever is done and fails, nothing is public or internal but as asked, and nothing is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const { server, desk, id, requesterId } = await startTicket();
      const asked = new Map([[newTicket().body, true]]);
      for (const [index, each] of steps.entries()) {
        if (each.fault) server.fault({ request: '*', kind: each.fault, after: index % 2 });
        const body = `Text ${index}`;
        await untilDone((attempt) => {
          if (each.act === 'change') return desk.updateTicket(id, { severity: 'high' });
          asked.set(body, each.isPublic);
          if (each.act === 'create')
            return desk.createTicket(newTicket({ externalId: body, body, isPublic: each.isPublic }), attempt);
          const author = { name: 'Carla', personId: each.asCustomer ? requesterId : null };
          return desk.addComment(id, newComment({ key: body, body, isPublic: each.isPublic, author }), attempt);
        });
        server.clearFaults();
      }
      const textOf = (body: string) => body.split('\n').at(-1) ?? '';
      for (const entry of server.journal) {
        if (entry.kind !== 'request') continue;
        const comment = (entry.body as { ticket?: { comment?: { body: string; public?: unknown } } } | null)?.ticket
          ?.comment;
        if (comment) expect(comment.public).toBe(asked.get(textOf(comment.body)));
      }
      const written = server.ticketIds.flatMap((each) => server.comments(each));
      expect(written.map((comment) => [textOf(comment.body), comment.public]).sort()).toEqual([...asked].sort());
      await server.close();
    }),
    { numRuns: 60 },
  );
});

/** As a job does it: again until there is no trouble. */
async function untilDone(run: (attempt: { isRetry: boolean }) => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await run({ isRetry: attempt > 0 });
      return;
    } catch (error) {
      if (!(error instanceof HelpDeskUnavailable)) throw error;
    }
  }
  throw new Error('There was trouble again and again');
}
