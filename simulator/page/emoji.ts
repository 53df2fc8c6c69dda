/** Emoji by Slack's short name, in the picker's order. */
const EMOJI: Record<string, string> = {
  ticket: '🎫',
  white_check_mark: '✅',
  eyes: '👀',
  thumbsup: '👍',
  thumbsdown: '👎',
  heart: '❤️',
  tada: '🎉',
  raised_hands: '🙌',
  pray: '🙏',
  joy: '😂',
  slightly_smiling_face: '🙂',
  thinking_face: '🤔',
  cry: '😢',
  wave: '👋',
  clap: '👏',
  muscle: '💪',
  fire: '🔥',
  rocket: '🚀',
  star: '⭐',
  sparkles: '✨',
  bulb: '💡',
  warning: '⚠️',
  rotating_light: '🚨',
  x: '❌',
  heavy_plus_sign: '➕',
  question: '❓',
  exclamation: '❗',
  hourglass_flowing_sand: '⏳',
  alarm_clock: '⏰',
  calendar: '📆',
  date: '📅',
  memo: '📝',
  pushpin: '📌',
  paperclip: '📎',
  link: '🔗',
  mag: '🔍',
  bell: '🔔',
  no_bell: '🔕',
  speech_balloon: '💬',
  email: '📧',
  telephone_receiver: '📞',
  moneybag: '💰',
  credit_card: '💳',
  chart_with_upwards_trend: '📈',
  chart_with_downwards_trend: '📉',
  bar_chart: '📊',
  package: '📦',
  gear: '⚙️',
  wrench: '🔧',
  bug: '🐛',
  lock: '🔒',
  key: '🔑',
  robot_face: '🤖',
  seedling: '🌱',
  coffee: '☕',
  birthday: '🎂',
  trophy: '🏆',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  red_circle: '🔴',
  white_circle: '⚪',
  large_blue_circle: '🔵',
  black_circle: '⚫',
  large_orange_circle: '🟠',
  arrow_up: '⬆️',
  arrow_down: '⬇️',
  arrow_right: '➡️',
  small_red_triangle: '🔺',
  small_red_triangle_down: '🔻',
  arrow_up_small: '🔼',
  arrow_down_small: '🔽',
};

const ALIASES: Record<string, string> = {
  '+1': 'thumbsup',
  '-1': 'thumbsdown',
  smile: 'slightly_smiling_face',
  green_circle: 'large_green_circle',
  yellow_circle: 'large_yellow_circle',
  envelope: 'email',
};

/** The character of a short name, skin tone dropped; null for a name this page does not know. */
export function emojiCharacter(name: string): string | null {
  const base = name.split('::')[0] ?? name;
  const key = ALIASES[base] ?? base;
  return Object.hasOwn(EMOJI, key) ? (EMOJI[key] ?? null) : null;
}

/** Replaces each known `:name:`; others stay as they are, as do times such as 10:30:00. */
export function replaceShortNames(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole: string, name: string) => emojiCharacter(name) ?? whole);
}

/** Short names whose name contains the words typed, in the picker's order. */
export function searchEmoji(query: string): string[] {
  const wanted = query.trim().toLowerCase().replaceAll(':', '').replaceAll(' ', '_');
  const names = Object.keys(EMOJI);
  return wanted === '' ? names : names.filter((name) => name.includes(wanted));
}
