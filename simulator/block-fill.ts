import type { AnyBlock } from '@slack/types';
import type { State } from './state.ts';
import { nextId } from './state.ts';

/** Gives blocks and elements the ids the app left out, as Slack does. */
export function fillIds(state: State, blocks: AnyBlock[]): AnyBlock[] {
  const copy = structuredClone(blocks);
  for (const block of copy) {
    block.block_id ??= nextId(state, 'b').toLowerCase();
    for (const element of elementsOf(block)) element.action_id ??= nextId(state, 'a').toLowerCase();
  }
  return copy;
}

/** An interactive element, loosely typed: any of Slack's. */
export type Element = { type: string; action_id?: string } & Record<string, unknown>;

const INTERACTIVE =
  /^(button|workflow_button|overflow|checkboxes|radio_buttons|datepicker|timepicker|datetimepicker|(multi_)?(static|external|users|conversations|channels)_select|plain_text_input|rich_text_input|email_text_input|url_text_input|number_input|file_input|feedback_buttons|icon_button)$/;

/** The interactive elements of a block, in order; those of child blocks included. */
export function elementsOf(block: AnyBlock): Element[] {
  const loose = block as AnyBlock & Record<string, unknown>;
  const parts = [loose.accessory, loose.element, loose.elements, loose.actions].flat();
  const own = parts.filter(
    (part): part is Element =>
      typeof part === 'object' && part !== null && INTERACTIVE.test(String((part as { type?: unknown }).type)),
  );
  const children = [loose.child_blocks, block.type === 'carousel' ? loose.elements : undefined].flat();
  return [...own, ...children.flatMap((child) => (child ? elementsOf(child as AnyBlock) : []))];
}

/** Finds an element by action_id, in the named block or the first block that has it. */
export function findElement(
  blocks: AnyBlock[],
  actionId: string,
  blockId?: string,
): { block: AnyBlock; element: Element } | undefined {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    const element = elementsOf(block).find((each) => each.action_id === actionId);
    if (element) return { block, element };
  }
  return undefined;
}
