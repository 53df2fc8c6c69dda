import { expect, it } from 'vitest';
import { readCells } from '../../../src/series/read-cells.ts';

it('cells of several arrays come in a row, short sums as numbers and nothing as 0', () => {
  expect(
    readCells('0,1,20000,[3,2,2,"10.25",-0.5,1e-7,1700000000000.5,4],0,1,20031,[1,1,0,null,null,null,null,null]'),
  ).toEqual([0, 1, 20_000, 3, 2, 2, 10.25, -0.5, 1e-7, 1_700_000_000_000.5, 4, 0, 1, 20_031, 1, 1, 0, 0, 0, 0, 0, 0]);
  expect(readCells('')).toEqual([]);
});

it('where a sum is too long for a number all sums stay texts', () => {
  expect(readCells('0,1,20000,[3,2,2,"10.25"],[4,1,1,"-12345678901234567.25"]')).toEqual([
    0,
    1,
    20_000,
    3,
    2,
    2,
    '10.25',
    4,
    1,
    1,
    '-12345678901234567.25',
  ]);
});
