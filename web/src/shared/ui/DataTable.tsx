// A table that is one on wide screens, and on phones a list of cards whose lines carry their column's name.
import type { ReactElement, ReactNode } from "react";

export interface Column<T> {
  name: string;
  /** Its heading; also the label of the line on a phone. */
  heading: string;
  cell: (row: T) => ReactNode;
  /** Numbers are aligned to the right. */
  numeric?: boolean;
}

interface DataTableProps<T> {
  /** What the table is, for those who cannot see what stands around it. */
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}

export function DataTable<T>({ caption, columns, rows, rowKey }: DataTableProps<T>): ReactElement {
  return (
    <div className="table" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, heading, numeric }) => (
              <th key={name} scope="col" className={numeric ? "table__number" : undefined}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ name, heading, cell, numeric }) => (
                <td key={name} data-label={heading} className={numeric ? "table__number" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
