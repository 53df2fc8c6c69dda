/** A value of one column in COPY's text format; undefined is null. */
export type CopyValue = string | number | null | undefined;

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A line in COPY's text format. */
export function copyLine(values: readonly CopyValue[]): string {
  let line = '';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (index > 0) line += '\t';
    if (value === null || value === undefined) line += '\\N';
    else if (typeof value === 'number' || !special.test(value)) line += value;
    else line += value.replaceAll(/[\\\t\n\r]/g, (found) => escapes[found] ?? found);
  }
  return `${line}\n`;
}

/** A list as PostgreSQL writes arrays; undefined stays so. */
export function copyList(items: readonly string[] | undefined): string | undefined {
  return items && `{${items.map((item) => `"${item.replaceAll(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}
