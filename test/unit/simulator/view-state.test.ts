import type { AnyBlock } from '@slack/types';
import { expect, test } from 'vitest';
import type { InputValue } from '../../../simulator/types.ts';
import { clientErrors, initialState, mergeState } from '../../../simulator/view-state.ts';

const field = (element: object, rest: object = {}): AnyBlock[] => [
  { type: 'input', block_id: 'b', element: { action_id: 'a', ...element }, ...rest } as AnyBlock,
];
const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
const problem = (element: { type: string }, value: Partial<InputValue>, rest: object = {}) =>
  clientErrors(field(element, rest), { b: { a: { ...value, type: element.type } } }).b ?? null;

test.each([
  [{ type: 'plain_text_input' }, { value: '' }, 'Please complete this required field.'],
  [{ type: 'plain_text_input', min_length: 3 }, { value: 'ab' }, 'Please enter at least 3 characters.'],
  [{ type: 'plain_text_input', max_length: 2 }, { value: 'abc' }, 'Please enter no more than 2 characters.'],
  [{ type: 'plain_text_input' }, { value: 'abc' }, null],
  [{ type: 'number_input', is_decimal_allowed: false }, { value: '1.5' }, 'Please enter a whole number.'],
  [{ type: 'number_input', is_decimal_allowed: true, min_value: '2' }, { value: '1.5' }, 'Please enter 2 or more.'],
  [{ type: 'number_input', is_decimal_allowed: true, max_value: '1' }, { value: '1.5' }, 'Please enter 1 or less.'],
  [{ type: 'number_input', is_decimal_allowed: true }, { value: 'many' }, 'Please enter a number.'],
  [{ type: 'email_text_input' }, { value: 'maya@' }, 'Please enter a valid email address.'],
  [{ type: 'url_text_input' }, { value: 'acme' }, 'Please enter a valid URL.'],
  [{ type: 'checkboxes' }, { selected_options: [] }, 'Please complete this required field.'],
  [
    { type: 'multi_users_select', max_selected_items: 1 },
    { selected_users: ['U1', 'U2'] },
    'Please choose no more than 1.',
  ],
])('a field %j that holds %j says %s', (element, value, expected) => {
  expect(problem(element, value)).toBe(expected);
});

test('an optional field may be empty but not wrong', () => {
  expect(problem({ type: 'email_text_input' }, { value: null }, { optional: true })).toBeNull();
  expect(problem({ type: 'email_text_input' }, { value: 'no' }, { optional: true })).not.toBeNull();
});

test('fields start with what the app gave, or with what the person had entered before', () => {
  const blocks = field({ type: 'static_select', options: [option('x')], initial_option: option('x') });
  expect(initialState(blocks)).toEqual({ b: { a: { type: 'static_select', selected_option: option('x') } } });
  const before = { b: { a: { type: 'static_select', selected_option: option('y') } } };
  expect(initialState(blocks, before)).toEqual(before);
  const other = { b: { a: { type: 'plain_text_input', value: 'y' } } };
  expect(initialState(blocks, other), 'another kind of field').toEqual(initialState(blocks));
});

test('what no field asks for is not kept', () => {
  const current = initialState(field({ type: 'plain_text_input' }));
  const merged = mergeState(current, { b: { a: { value: 'x' }, other: { value: 'y' } }, c: { a: { value: 'z' } } });
  expect(merged).toEqual({ b: { a: { type: 'plain_text_input', value: 'x' } } });
});
