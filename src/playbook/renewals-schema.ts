import { z } from 'zod';
import type { Step } from '../renewals/types.ts';
import { mapping, metricId } from './schema.ts';

const months = z.int('must be a whole number').min(1, 'must be at least 1').max(24, 'must be at most 24');

const step = z
  .string('must be text such as "1 month", "2 weeks" or "3 days"')
  .trim()
  .regex(/^[1-9]\d{0,2} (?:month|week|day)s?$/, 'must be a number and month, week or day, such as "2 weeks"')
  .transform((text): Step => {
    const [count = '', unit = ''] = text.split(' ');
    const name = unit.replace(/s$/, '');
    const number = Number(count);
    const lead =
      name === 'month' ? { months: number, days: 0 } : { months: 0, days: number * (name === 'week' ? 7 : 1) };
    return { id: `${count} ${name}${number === 1 ? '' : 's'}`, lead };
  });

/** renewals.yml. */
export const renewalsSchema = mapping({
  first_months: months.optional(),
  first_months_quiet: months.optional(),
  first_months_credit: months.optional(),
  quiet_days: z.int('must be a whole number').min(1, 'must be at least 1').max(366, 'must be at most 366').optional(),
  steps: z.array(step).max(10, 'must have at most 10 steps').optional(),
  usage_metric: metricId.optional(),
  usage_month: z.enum(['sum', 'mean'], { error: 'must be sum or mean' }).optional(),
});
