/** Words that say what a channel is for, rather than with whom. */
const purposes = new Set(['ext', 'external', 'shared', 'connect', 'customer', 'client', 'support']);

/**
 * What an account may be called whose channel has this name, the whole name first: `ext-acme-shared` is `ext-acme-shared`,
 * else `acme`.
 */
export function namesInChannel(channelName: string): string[] {
  const whole = channelName.trim().toLowerCase();
  const words = whole.split(/[-_.]+/).filter((word) => word !== '');
  while (words.length > 1 && purposes.has(words[0]!)) words.shift();
  while (words.length > 1 && purposes.has(words.at(-1)!)) words.pop();
  const core = words.join('-');
  return [...new Set([whole, core])].filter((name) => name !== '');
}
