import fc from 'fast-check';
import { grouped, input, option, plain, select, table } from './block-kit.ts';

type Block = { type: string } & Record<string, unknown>;
type Node = Record<string, unknown>;

const text = (most: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(most, 20) });
const plainText = (most: number) => text(most).map(plain);
const mrkdwnText = (most: number) => text(most).map((value) => ({ type: 'mrkdwn', text: value }));
const anyText = (most: number) => fc.oneof(plainText(most), mrkdwnText(most));
const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const list = <T>(of: fc.Arbitrary<T>, most: number, least = 1) => fc.array(of, { minLength: least, maxLength: most });

const confirm = fc.record({ title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) });
const choice = fc.record({ text: plainText(75), value: text(150), description: some(plainText(75)) });
const picture = fc.record({ type: fc.constant('image'), slack_file: fc.constant({ id: 'F1' }), alt_text: text(2000) });
const button = fc.record({
  type: fc.constant('button'),
  text: plainText(75),
  value: some(text(2000)),
  style: some(fc.constantFrom('primary', 'danger')),
  confirm: some(confirm),
});
const typed = (...types: string[]) =>
  fc.record({ type: fc.constantFrom(...types), placeholder: some(plainText(150)), confirm: some(confirm) });
const selects = typed(
  ...['external', 'users', 'conversations', 'channels'].flatMap((of) => [`${of}_select`, `multi_${of}_select`]),
);
const staticSelects = fc.oneof(
  fc.record({ type: fc.constantFrom('static_select', 'multi_static_select'), options: list(choice, 5) }),
  list(fc.record({ label: plainText(75), options: list(choice, 3) }), 3).map((groups) => grouped(groups)),
  fc.integer({ min: 0, max: 1 }).map((at) => select({ initial_option: option(`o${at}`) })),
);
const boxes = fc.record({ type: fc.constantFrom('checkboxes', 'radio_buttons'), options: list(choice, 10) });
const shared = fc.oneof(selects, staticSelects, boxes, typed('datepicker', 'timepicker'));
const overflow = fc.record({ type: fc.constant('overflow'), options: list(choice, 5) });
const pressed = fc.oneof(button, overflow, shared);
const field = fc.record({
  type: fc.constantFrom('plain_text_input', 'email_text_input', 'url_text_input'),
  placeholder: some(plainText(150)),
});

const inline = fc.oneof(
  text(50).map((value) => ({ type: 'text', text: value })),
  fc.constantFrom(
    { type: 'user', user_id: 'U1' },
    { type: 'broadcast', range: 'here' },
    { type: 'emoji', name: 'eyes' },
  ),
);
const richSection = list(inline, 3).map((elements) => ({ type: 'rich_text_section', elements }));
const richText = list(
  fc.oneof(
    richSection,
    list(richSection, 2).map((elements) => ({ type: 'rich_text_list', style: 'bullet', elements })),
  ),
  2,
).map((elements) => ({ type: 'rich_text', elements }));
const card = fc.record({ type: fc.constant('card'), title: anyText(150), actions: some(list(button, 3)) });

const everywhere: fc.Arbitrary<object>[] = [
  fc.record({ type: fc.constant('section'), text: anyText(3000), accessory: some(fc.oneof(picture, pressed)) }),
  fc.record({ type: fc.constant('section'), fields: list(anyText(2000), 10) }),
  list(pressed, 25).map((elements) => ({ type: 'actions', elements })),
  list(fc.oneof(picture, anyText(3000)), 10).map((elements) => ({ type: 'context', elements })),
  fc.constant({ type: 'divider' }),
  plainText(150).map((title) => ({ type: 'header', text: title })),
  picture,
  fc.oneof(field, shared).map((element) => input(element)),
  richText,
  card,
  list(card, 10).map((elements) => ({ type: 'carousel', elements })),
];
const messagesOnly: fc.Arbitrary<object>[] = [
  text(200).map((value) => ({ type: 'markdown', text: value })),
  fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .map(([rows, columns]) => table(rows, columns, 'data_table', { caption: 'c' })),
];
const viewsOnly: fc.Arbitrary<object>[] = [anyText(200).map((words) => ({ type: 'alert', text: words }))];

/** Blocks and elements with ids of their own, as an app that answers to them gives them. */
function withIds(blocks: object[]): Block[] {
  return blocks.map((block, index) => {
    const copy = JSON.parse(JSON.stringify({ ...block, block_id: `block ${index}` })) as Block;
    let elements = 0;
    for (const { node } of nodesOf(copy)) {
      if (/^(button|overflow|checkboxes|radio_buttons|.*_select|.*picker|.*_input)$/.test(String(node.type))) {
        node.action_id = `action ${elements++}`;
      }
    }
    return copy;
  });
}

/** Any blocks that a message takes. */
export const messageBlocks = list(fc.oneof(...everywhere, ...messagesOnly), 8).map(withIds);
/** Any blocks that a modal with a submit button, or a Home, takes. */
export const viewBlocks = list(fc.oneof(...everywhere, ...viewsOnly), 8).map(withIds);

/** All objects within, outermost first; `has` is the name of the list or field that one stands in. */
export function nodesOf(value: unknown, has = ''): { node: Node; has: string }[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((each) => nodesOf(each, has));
  const node = value as Node;
  return [{ node, has }, ...Object.entries(node).flatMap(([key, each]) => nodesOf(each, key))];
}
