import { createHash } from 'node:crypto';
import { type MonthCells, presenceBytes, type SeriesKind, strides } from './types.ts';

/** The kinds whose months are `MonthCells`; the others' are presence. */
export type CellKind = keyof typeof strides;

/** Whether a series of this kind stores cells rather than presence. */
export function hasCells(kind: SeriesKind): kind is CellKind {
  return kind in strides;
}

/** The eight bytes that stand for a user's id or a property's value; in SQL `decode(substr(md5(x), 1, 16), 'hex')`. */
export function hashOfKey(text: string): Buffer {
  return createHash('md5').update(text).digest().subarray(0, 8);
}

/** The sum of two decimals as texts, exact at any length, with as many decimals as the longer has; neither has an exponent. */
export function addDecimals(left: string, right: string): string {
  const decimals = Math.max(decimalsOf(left), decimalsOf(right));
  const sum = scaled(left, decimals) + scaled(right, decimals);
  if (decimals === 0) return sum.toString();
  const digits = (sum < 0n ? -sum : sum).toString().padStart(decimals + 1, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}

function scaled(text: string, decimals: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(decimals - decimalsOf(text)));
}

/** A month with the days of both put together; where both have a day, as if its events had been counted at once. */
export function mergeCells(kind: CellKind, left: MonthCells, right: MonthCells): MonthCells {
  const stride = strides[kind];
  const merged: MonthCells = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const leftDay = l < left.length ? (left[l] as number) : Number.POSITIVE_INFINITY;
    const rightDay = r < right.length ? (right[r] as number) : Number.POSITIVE_INFINITY;
    if (leftDay === rightDay) merged.push(...mergeDay(kind, left.slice(l, l + stride), right.slice(r, r + stride)));
    else merged.push(...(leftDay < rightDay ? left.slice(l, l + stride) : right.slice(r, r + stride)));
    if (leftDay <= rightDay) l += stride;
    if (rightDay <= leftDay) r += stride;
  }
  return merged;
}

/** Both are the same day, which comes first in each. */
function mergeDay(kind: CellKind, left: MonthCells, right: MonthCells): MonthCells {
  const at = (cells: MonthCells, index: number) => cells[index] as number;
  const day = at(left, 0);
  const events = at(left, 1) + at(right, 1);
  if (kind === 'count') return [day, events];
  if (kind === 'seen') return [day, Math.min(at(left, 1), at(right, 1)), Math.max(at(left, 2), at(right, 2))];
  if (at(left, 2) === 0) return [day, events, ...right.slice(2)];
  if (at(right, 2) === 0) return [day, events, ...left.slice(2)];
  const newest = isNewer(right, left) ? right : left;
  return [
    day,
    events,
    at(left, 2) + at(right, 2),
    addDecimals(left[3] as string, right[3] as string),
    Math.min(at(left, 4), at(right, 4)),
    Math.max(at(left, 5), at(right, 5)),
    at(newest, 6),
    at(newest, 7),
  ];
}

/** Of two numbers of the same time the larger counts as the newer. */
function isNewer(one: MonthCells, other: MonthCells): boolean {
  const [time, otherTime] = [one[6] as number, other[6] as number];
  return time === otherTime ? (one[7] as number) > (other[7] as number) : time > otherTime;
}

/** The month without some days, given as bits, bit 0 for the first. */
export function cellsWithout(kind: CellKind, cells: MonthCells, days: number): MonthCells {
  const stride = strides[kind];
  const kept: MonthCells = [];
  for (let at = 0; at < cells.length; at += stride) {
    if ((days & (1 << ((cells[at] as number) - 1))) === 0) kept.push(...cells.slice(at, at + stride));
  }
  return kept;
}

/**
 * The presences of `count` series that were counted together: for each key, in any order but once, its hash and the days
 * of each series.
 */
export function unpackPresence(packed: Buffer, count: number): Buffer[] {
  const size = 8 + 4 * count;
  const entries = Array.from({ length: packed.length / size }, (_, index) =>
    // A byte a character: texts are compared, and put together again, faster than buffers are.
    packed.toString('latin1', index * size, (index + 1) * size),
  );
  const sorted = Buffer.from(entries.sort().join(''), 'latin1');
  return Array.from({ length: count }, (_, series) => {
    const presence = Buffer.allocUnsafe(entries.length * presenceBytes);
    let end = 0;
    for (let at = 0; at < sorted.length; at += size) {
      const bits = sorted.readInt32BE(at + 8 + 4 * series);
      if (bits === 0) continue;
      sorted.copy(presence, end, at, at + 8);
      presence.writeInt32BE(bits, end + 8);
      end += presenceBytes;
    }
    return presence.subarray(0, end);
  });
}

/** Presence with the days of both. */
export function mergePresence(left: Buffer, right: Buffer): Buffer {
  const merged = Buffer.allocUnsafe(left.length + right.length);
  let [l, r, end] = [0, 0, 0];
  while (l < left.length && r < right.length) {
    const order = compareHash(left, l, right, r);
    if (order <= 0) left.copy(merged, end, l, l + presenceBytes);
    else right.copy(merged, end, r, r + presenceBytes);
    if (order === 0) merged.writeUInt32BE((left.readUInt32BE(l + 8) | right.readUInt32BE(r + 8)) >>> 0, end + 8);
    if (order <= 0) l += presenceBytes;
    if (order >= 0) r += presenceBytes;
    end += presenceBytes;
  }
  end += left.copy(merged, end, l);
  end += right.copy(merged, end, r);
  return merged.subarray(0, end);
}

/** Presence without some days, given as bits, bit 0 for the first; keys without any day are left out. */
export function presenceWithout(bytes: Buffer, days: number): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length);
  let end = 0;
  for (let at = 0; at < bytes.length; at += presenceBytes) {
    const bits = (bytes.readUInt32BE(at + 8) & ~days) >>> 0;
    if (bits === 0) continue;
    bytes.copy(kept, end, at, at + 8);
    kept.writeUInt32BE(bits, end + 8);
    end += presenceBytes;
  }
  return kept.subarray(0, end);
}

function compareHash(left: Buffer, l: number, right: Buffer, r: number): number {
  return left.readUInt32BE(l) - right.readUInt32BE(r) || left.readUInt32BE(l + 4) - right.readUInt32BE(r + 4);
}
