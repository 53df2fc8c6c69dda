import { daysBetween } from './days.ts';
import type { Band } from './health/types.ts';

const symbols: Record<Band, string> = { healthy: '🟢', concerning: '🟡', poor: '🔴' };
const words: Record<Band, string> = { healthy: 'Healthy', concerning: 'Concerning', poor: 'Poor' };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const moneyFormats = new Map<string, Intl.NumberFormat>();

/** The band's coloured dot; white for "no score". Never shown without its word. */
export function bandSymbol(band: Band | null): string {
  return band ? symbols[band] : '⚪';
}

/** The band in words, "No score" without one. */
export function bandWord(band: Band | null): string {
  return band ? words[band] : 'No score';
}

/** A number as people read it, at most two decimals: `1,234.5`. */
export function formatNumber(value: number): string {
  // By hand, since a card has dozens of numbers and Intl takes its time.
  const [whole = '', fraction = ''] = Math.abs(value).toFixed(2).split('.');
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  const decimals = fraction.replace(/0+$/, '');
  const isNegative = value < 0 && (whole !== '0' || decimals !== '');
  return `${isNegative ? '−' : ''}${grouped}${decimals && '.'}${decimals}`;
}

/** Whole units of a currency, `$120,000`; cents only when there are any. */
export function formatMoney(amount: number, currency: string): string {
  let format = moneyFormats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' });
    moneyFormats.set(currency, format);
  }
  return format.format(amount);
}

/** `2026-11-21` as `21 Nov`. */
export function formatShortDay(day: string): string {
  return `${Number(day.slice(8, 10))} ${months[Number(day.slice(5, 7)) - 1]}`;
}

/** `2026-11-21` as `21 Nov 2026`. */
export function formatDay(day: string): string {
  return `${formatShortDay(day)} ${day.slice(0, 4)}`;
}

/** How far a day is from `today`: `today`, `in 23 days`, `3 days ago`. */
export function formatDistance(day: string, today: string): string {
  const days = daysBetween(today, day);
  if (days === 0) return 'today';
  const count = `${formatNumber(Math.abs(days))} ${Math.abs(days) === 1 ? 'day' : 'days'}`;
  return days > 0 ? `in ${count}` : `${count} ago`;
}

/** How long ago an instant was, in its largest unit: `4 minutes ago`, `2 days ago`. */
export function formatAge(instant: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - instant.getTime()) / 60_000));
  if (minutes < 1) return 'just now';
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day'];
  return `${formatNumber(count)} ${unit}${count === 1 ? '' : 's'} ago`;
}

/** A change with its arrow, `▲ 0.6`; `unchanged` only when it is exactly nothing. `digits` after the point, 1 unless told. */
export function formatChange(change: number, digits = 1): string {
  if (change === 0) return 'unchanged';
  const size = Math.abs(change).toFixed(digits);
  const arrow = change > 0 ? '▲' : '▼';
  return Number(size) === 0 ? `${arrow} <${(10 ** -digits).toFixed(digits)}` : `${arrow} ${size}`;
}

/** A share, 0 to 1, as whole percent; only all of it is `100%`, and only nothing is `0%`. */
export function formatPercent(share: number): string {
  const percent = Math.round(share * 100);
  if (percent === 100 && share < 1) return '99%';
  if (percent === 0 && share > 0) return '1%';
  return `${percent}%`;
}
