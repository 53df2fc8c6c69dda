import type { AnyBlock } from '@slack/types';
import type { State } from './state.ts';
import { nextId } from './state.ts';

/** The blocks that lie in a block: those of a container, the cards of a carousel. */
export function nestedIn(block: AnyBlock): AnyBlock[] {
  const { child_blocks, elements } = block as { child_blocks?: AnyBlock[]; elements?: AnyBlock[] };
  return (block.type === 'carousel' ? elements : child_blocks) ?? [];
}

/** All blocks, each before those that lie in it. */
export const everyBlock = (blocks: AnyBlock[]): AnyBlock[] =>
  blocks.flatMap((block) => [block, ...everyBlock(nestedIn(block))]);

/** Gives blocks and elements the ids the app left out, as Slack does. */
export function fillIds(state: State, blocks: AnyBlock[]): AnyBlock[] {
  const copy = structuredClone(blocks);
  for (const block of everyBlock(copy)) {
    block.block_id ??= nextId(state, 'b').toLowerCase();
    for (const element of elementsOf(block)) element.action_id ??= nextId(state, 'a').toLowerCase();
  }
  return copy;
}

/** An interactive element, loosely typed: any of Slack's. */
export type Element = { type: string; action_id?: string } & Record<string, unknown>;

const INTERACTIVE =
  /^(button|workflow_button|overflow|checkboxes|radio_buttons|datepicker|timepicker|datetimepicker|(multi_)?(static|external|users|conversations|channels)_select|plain_text_input|rich_text_input|email_text_input|url_text_input|number_input|file_input|feedback_buttons|icon_button)$/;

/** The interactive elements of a block, in order; not those of blocks that lie in it. */
export function elementsOf(block: AnyBlock): Element[] {
  const loose = block as AnyBlock & Record<string, unknown>;
  const parts = [loose.accessory, loose.element, loose.elements, loose.actions].flat();
  return parts.filter(
    (part): part is Element =>
      typeof part === 'object' && part !== null && INTERACTIVE.test(String((part as { type?: unknown }).type)),
  );
}

/** Finds an element by action_id, in the named block or the first block that has it. */
export function findElement(
  blocks: AnyBlock[],
  actionId: string,
  blockId?: string,
): { block: AnyBlock; element: Element } | undefined {
  for (const block of everyBlock(blocks)) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    const element = elementsOf(block).find((each) => each.action_id === actionId);
    if (element) return { block, element };
  }
  return undefined;
}
