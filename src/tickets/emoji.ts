/** Whether a reaction, as Slack names it, is the wanted emoji, in whatever skin tone. */
export function isTicketEmoji(reaction: string, wanted: string): boolean {
  return reaction.replace(/(?:::skin-tone-[2-6])+$/, '') === wanted;
}
