import { z } from 'zod';

/** How many characters Slack counts: code points, so that most emoji are one. */
export const countChars = (text: string): number => [...text].length;

/** A string of at most `most` characters and at least `least`. */
export const chars = (most: number, least = 0) =>
  z.string().check((context) => {
    const { value } = context;
    const issue = { origin: 'string', inclusive: true, input: value } as const;
    if (value.length < least) context.issues.push({ ...issue, code: 'too_small', minimum: least });
    if (value.length > most && countChars(value) > most) {
      context.issues.push({ ...issue, code: 'too_big', maximum: most });
    }
  });

const blockId = { block_id: chars(255).optional() };
const emoji = z.boolean().optional();

/** A plain_text object of 1 to `max` characters. */
export const plain = (max: number) => z.strictObject({ type: z.literal('plain_text'), text: chars(max, 1), emoji });

/** A mrkdwn object of 1 to `max` characters. */
export const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: chars(max, 1), verbatim: z.boolean().optional() });

/** Either text object, of 1 to `max` characters. */
export const text = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);

const option = <T extends z.ZodType>(label: T) =>
  z.strictObject({ text: label, value: chars(150), description: plain(75).optional() });

/** An option of selects. */
export const plainOption = option(plain(75));
/** An option of overflow menus, the only one that may be a link. */
export const linkOption = plainOption.extend({ url: chars(3000).optional() });
/** An option of checkboxes and radio buttons, which may be mrkdwn, its description too. */
export const richOption = option(text(75)).extend({ description: text(75).optional() });
export const optionGroup = z.strictObject({ label: plain(75), options: z.array(plainOption).min(1).max(100) });

export const confirm = z.strictObject({
  title: plain(100).optional(),
  text: text(300),
  confirm: plain(30).optional(),
  deny: plain(30).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const slackFile = z
  .strictObject({ id: z.string().optional(), url: z.string().optional() })
  .refine((file) => (file.id === undefined) !== (file.url === undefined), 'must provide either id or url');

const publicUrl = chars(3000)
  .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'invalid_url')
  // Slack loads the picture itself, so an address of this machine or of a private network never works.
  .refine((url) => !/^https?:\/\/(localhost|127\.|10\.|192\.168\.|\[::1\])/i.test(url), 'downloading image failed');

const image = {
  type: z.literal('image'),
  image_url: publicUrl.optional(),
  slack_file: slackFile.optional(),
  alt_text: chars(2000, 1),
};
type ImageSource = { image_url?: string | undefined; slack_file?: unknown };
const oneSource = (value: ImageSource) => (value.image_url === undefined) !== (value.slack_file === undefined);

/** An image inside another block. */
export const imageElement = z.strictObject(image).refine(oneSource, 'must provide either image_url or slack_file');

/** An image block. */
export const imageBlock = z
  .strictObject({ ...image, title: plain(2000).optional(), ...blockId })
  .refine(oneSource, 'must provide either image_url or slack_file');

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    code: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const richInline = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style }),
  z.strictObject({
    type: z.literal('link'),
    url: z.string().min(1),
    text: z.string().optional(),
    unsafe: z.boolean().optional(),
    style,
  }),
  z.strictObject({ type: z.literal('user'), user_id: z.string(), style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string(), style }),
  z.strictObject({ type: z.literal('team'), team_id: z.string(), style }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string(), style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style }),
  z.strictObject({ type: z.literal('color'), value: z.string(), style }),
  z.strictObject({
    type: z.literal('emoji'),
    name: z.string(),
    unicode: z.string().optional(),
    url: z.string().optional(),
    style,
  }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.number(),
    format: z.string(),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style,
  }),
]);

const border = z.union([z.literal(0), z.literal(1)]).optional();
const richSection = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richInline) });
const richPart = z.discriminatedUnion('type', [
  richSection,
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    elements: z.array(richSection),
    indent: z.int().min(0).max(8).optional(),
    offset: z.int().min(0).optional(),
    border,
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(richInline), border }),
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(richInline),
    language: z.string().optional(),
    border,
  }),
]);

/** A rich_text block. */
export const richText = z.strictObject({
  type: z.literal('rich_text'),
  elements: z.array(richPart).min(1),
  ...blockId,
});
