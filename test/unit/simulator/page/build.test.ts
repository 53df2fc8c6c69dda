import { expect, it } from 'vitest';
import { buildPage } from '../../../../simulator/page/build.ts';

it('builds the page in memory, with React as it is in production', async () => {
  const files = await buildPage();
  expect([...files].map(([path, { type }]) => [path, type.split(';')[0]])).toEqual([
    ['/', 'text/html'],
    ['/page/main.js', 'text/javascript'],
    ['/page/styles.css', 'text/css'],
  ]);
  const [html, script, styles] = [...files.values()].map(({ body }) => new TextDecoder().decode(body));
  expect(html).toContain('/page/main.js');
  expect(script).not.toContain('react-dom-client.development');
  expect(styles).toContain('.composer');
});
