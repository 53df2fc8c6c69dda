import type { DataTableBlock, TableBlock } from '@slack/types';
import { Each } from '../each.tsx';
import { LibraryBlock } from '../text.tsx';

/** Tables of both kinds, the first row as their head. */
export function TableView({ block }: { block: TableBlock | DataTableBlock }) {
  const [head = [], ...body] = block.rows;
  const rowHead = block.type === 'data_table' ? block.row_header_column_index : undefined;
  const alignment = (column: number, cell: Cell) => {
    const asked = block.type === 'table' ? block.column_settings?.[column]?.align : undefined;
    return { textAlign: asked ?? (cell.type === 'raw_number' ? 'right' : 'left') } as const;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table" tabIndex={0} aria-label={block.type === 'data_table' ? block.caption : 'Table'}>
      <table>
        {block.type === 'data_table' && <caption>{block.caption}</caption>}
        <thead>
          <tr>
            <Each of={head}>
              {(cell, column) => (
                <th scope="col" style={alignment(column, body[0]?.[column] ?? cell)}>
                  <CellView cell={cell} />
                </th>
              )}
            </Each>
          </tr>
        </thead>
        <tbody>
          <Each of={body}>
            {(row) => (
              <tr>
                <Each of={row}>
                  {(cell, column) =>
                    column === rowHead ? (
                      <th scope="row">
                        <CellView cell={cell} />
                      </th>
                    ) : (
                      <td style={alignment(column, cell)}>
                        <CellView cell={cell} />
                      </td>
                    )
                  }
                </Each>
              </tr>
            )}
          </Each>
        </tbody>
      </table>
    </section>
  );
}

type Cell = (TableBlock | DataTableBlock)['rows'][number][number];

function CellView({ cell }: { cell: Cell }) {
  return cell.type === 'rich_text' ? <LibraryBlock block={cell} /> : cell.text;
}
