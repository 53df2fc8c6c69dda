/**
 * Text that Zendesk shows as it is. It would put values in the place of `{{ticket.latest_comment}}` and the like, so that
 * a customer could have internal notes shown to them.
 */
export function inert(text: string): string {
  return text.replace(/\{(?=[{%])/g, '{\u200B');
}

/** A comment's text as people read it. */
export function plainText(comment: {
  plain_body?: string | null | undefined;
  body?: string | null | undefined;
}): string {
  const plain = comment.plain_body?.replaceAll('&nbsp;', ' ') ?? comment.body ?? '';
  return plain.replaceAll('\r\n', '\n').trim();
}
