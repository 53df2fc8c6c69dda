import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageBlocks, nodesOf, viewBlocks } from './block-arbitraries.ts';
import { inMessage, inView, modal, plain, x } from './block-kit.ts';

type Node = Record<string, unknown>;
const surfaces = [
  ['message', messageBlocks, (blocks: unknown[]) => inMessage(...blocks)],
  ['modal', viewBlocks, (blocks: unknown[]) => inView(modal({ blocks, submit: plain('Save') }))],
  ['Home', viewBlocks, (blocks: unknown[]) => inView({ type: 'home', blocks })],
] as const;

/** One way to break a rule: at which objects it can be done, and what is done there. */
const violations: Record<string, { at: (node: Node) => boolean; break: (node: Node) => void }> = {
  'a property that Slack does not know': {
    at: () => true,
    break: (node) => {
      node.colour = 'red';
    },
  },
  'an unknown type': {
    at: (node) => 'type' in node,
    break: (node) => {
      node.type = 'banner';
    },
  },
  'no type': {
    at: (node) => 'type' in node,
    break: (node) => {
      delete node.type;
    },
  },
  'a text that is too long': {
    at: ({ type }) => ['plain_text', 'mrkdwn', 'markdown'].includes(String(type)),
    break: (node) => {
      node.text = x(12_001);
    },
  },
  'an empty text': {
    at: ({ text }) => typeof text === 'string',
    break: (node) => {
      node.text = '';
    },
  },
  'a text that is a number': {
    at: ({ text }) => text !== undefined,
    break: (node) => {
      node.text = 5;
    },
  },
  'an empty list': {
    at: (node) => listIn(node) !== undefined,
    break: (node) => {
      node[listIn(node) ?? ''] = [];
    },
  },
  'a list that is too long': {
    at: (node) => listIn(node) !== undefined,
    break: (node) => {
      const name = listIn(node) ?? '';
      node[name] = Array.from({ length: 102 }, () => (node[name] as unknown[])[0]);
    },
  },
  'an id that is too long': {
    at: ({ action_id }) => action_id !== undefined,
    break: (node) => {
      node.action_id = x(256);
    },
  },
  'an option without a value': {
    at: ({ value, text }) => value !== undefined && typeof text === 'object',
    break: (node) => {
      if (node.type === 'button') node.value = 7;
      else delete node.value;
    },
  },
  'nothing where text belongs': {
    at: ({ type, text }) => text !== undefined && type !== 'section',
    break: (node) => {
      node.text = null;
    },
  },
};

/** The name of a list in an object that has limits; rich text sections have none. */
function listIn(node: Node): string | undefined {
  if (String(node.type).startsWith('rich_text')) return undefined;
  return ['elements', 'options', 'option_groups', 'fields', 'actions', 'rows'].find((name) =>
    Array.isArray(node[name]),
  );
}

test.each(surfaces)('any valid blocks are taken in a %s', (_name, blocks, problems) => {
  fc.assert(
    fc.property(blocks, (some) => {
      expect(problems(some)).toEqual([]);
    }),
  );
});

test.each(surfaces)('any valid blocks with one rule broken are refused in a %s', (_name, blocks, problems) => {
  const broken = fc.tuple(blocks, fc.constantFrom(...Object.entries(violations)), fc.nat());
  fc.assert(
    fc.property(broken, ([some, [what, violation], at]) => {
      const copy = structuredClone(some);
      const places = nodesOf(copy).filter(({ node }) => violation.at(node));
      fc.pre(places.length > 0);
      const place = places[at % places.length];
      if (place) violation.break(place.node);
      expect(problems(copy), what).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});
