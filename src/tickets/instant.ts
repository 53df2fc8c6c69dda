/** When Slack says that a message with this ts was written, to the microsecond, as ISO. */
export function instantOf(ts: string): string {
  const [seconds = '0', fraction = ''] = ts.split('.');
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  return `${whole}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}
