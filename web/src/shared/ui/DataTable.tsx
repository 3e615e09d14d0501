// A table that is one on wide screens, and on phones a list of cards whose lines carry their column's name.
import type { ReactElement, ReactNode } from "react";

export interface Column<T> {
  name: string;
  /** Its heading; also the label of the line on a phone. */
  heading: string;
  cell: (row: T) => ReactNode;
  /** Numbers are aligned to the right. */
  numeric?: boolean;
  /** Buttons need no more room than they have, and on a phone no label. */
  actions?: boolean;
}

interface DataTableProps<T> {
  /** What the table is, for those who cannot see what stands around it. */
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}

function classOf<T>({ numeric, actions }: Column<T>): string | undefined {
  if (actions) return "table__actions";
  return numeric ? "table__number" : undefined;
}

export function DataTable<T>({ caption, columns, rows, rowKey }: DataTableProps<T>): ReactElement {
  return (
    <div className="table" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.name} data-label={column.heading} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
