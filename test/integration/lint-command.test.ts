import { describe, expect, test } from 'vitest';
import { changedModel, makePack } from '../pack.ts';
import { runCli } from '../run-cli.ts';

describe('bellwether lint', () => {
  test('answers in JSON with each finding and its place, and ends well with warnings alone', async () => {
    const { code, stdout, stderr } = await runCli(['lint', '--playbook', 'by-segment', '--json']);
    const answer = JSON.parse(stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(answer).toMatchObject({ errors: 0, warnings: 6 });
    expect(answer.findings[0]).toEqual({
      severity: 'warning',
      code: 'overlap',
      message: expect.stringContaining('defect_tickets_90d: concerning "0 - 3" and healthy "< 3" overlap'),
      file: 'models/digital.yml',
      line: expect.any(Number),
      column: expect.any(Number),
    });
  });

  test('ends with 1 when there are errors', async () => {
    const folder = makePack(changedModel(['metric: logins', 'metric: login'], ['weight: 100', 'weight: 90']));
    const { code, stdout } = await runCli(['lint', '--playbook', folder, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 1,
      warnings: 1,
      findings: [
        { severity: 'warning', code: 'weights-sum', file: 'models/small.yml', line: 4 },
        { severity: 'error', code: 'unknown-metric', file: 'models/small.yml', line: 9 },
      ],
    });
  });

  test('without --json writes a line for each finding and one that counts them', async () => {
    const folder = makePack(changedModel(['weight: 100', 'weight: 90']));
    const { code, stdout } = await runCli(['lint', '--playbook', folder]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'models/small.yml:4:1: warning: The weights of the dimensions sum to 90, not 100: each counts as its share of the ' +
        `sum. Change them to sum to 100. [weights-sum]\n0 errors, 1 warning in ${folder}\n`,
    );
  });

  test('with --names writes a names.yml of all that the pack reads, and nothing else', async () => {
    const { code, stdout, stderr } = await runCli(['lint', '--playbook', 'by-segment', '--names']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const folder = makePack({
      'pack.yml': 'name: Ours\nextends: by-segment\n',
      'models/small.yml': null,
      'names.yml': stdout,
    });
    expect(await runCli(['lint', '--playbook', folder])).toMatchObject({
      code: 0,
      stdout: `0 errors, 0 warnings in ${folder}\n`,
    });
    const { stdout: json } = await runCli(['lint', '--playbook', 'by-segment', '--names', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      warnings: 6,
      names: {
        events: expect.arrayContaining([
          { name: 'ticket created', values: [], metrics: ['defect_tickets_90d', 'question_tickets_90d', 'renewals'] },
          { name: 'owner removed', values: [], metrics: ['owner_removed'] },
        ]),
        properties: expect.arrayContaining([
          expect.objectContaining({ name: 'type', values: ['defect', 'question'], events: ['ticket created'] }),
        ]),
      },
    });
  });

  test('with --names tells of a faulty pack’s faults instead', async () => {
    const folder = makePack({ 'names.yml': 'events: [login]\n' });
    const { code, stdout } = await runCli(['lint', '--playbook', folder, '--names']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^names\.yml:1:1: error: .*\n1 error, 0 warnings in /);
  });

  test('refuses as wrong use a pack that does not exist, and to be called without one', async () => {
    const missing = await runCli(['lint', '--playbook', 'nowhere']);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain('There is no playbook "nowhere": name one of by-segment');
    const empty = await runCli(['lint', '--playbook', '']);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no playbook ""') });
    expect(await runCli(['lint'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--playbook <pack>') });
  });
});
