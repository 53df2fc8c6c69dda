import type { StagedUser } from '../db/import-users.ts';
import { type ConvertContext, type Converter, fieldReader, toTraits } from './convert.ts';
import { toEmail, toId, toShortText } from './values.ts';

/** Rows of users. */
export function userConverter(context: ConvertContext): Converter<StagedUser> {
  const { layout, dates } = context;
  const read = fieldReader('users', layout);
  return (row, emit) => {
    emit({
      account: read.required(row, 'account', toId),
      id: read.required(row, 'id', toId),
      email: read.optional(row, 'email', toEmail),
      name: read.optional(row, 'name', (text) => toShortText(text, 500)),
      createdAt: read.optional(row, 'created_at', (text) => dates.instant(text).toISOString()),
      ...toTraits(row.extras, context),
    });
  };
}
