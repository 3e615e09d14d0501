// Where the bars of a chart stand: pure geometry, in the units of its view box.

export interface Segment {
  name: string;
  value: number;
  y: number;
  height: number;
}

export interface Bar {
  x: number;
  width: number;
  segments: Segment[];
}

/** The smallest of 5, 10, 20, 50, 100 … that is not below *value*; 4 for the smallest values. */
export function ceilingOf(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

interface Plot {
  width: number;
  height: number;
  /** The part of a bar's place that stays free. */
  gap: number;
}

/** *columns* side by side, each piled up from the bottom in the order of *names*. */
export function barsOf(
  columns: readonly Record<string, number>[],
  names: readonly string[],
  { width, height, gap }: Plot,
): { bars: Bar[]; ceiling: number } {
  const totals = columns.map((column) => names.reduce((sum, name) => sum + (column[name] ?? 0), 0));
  const ceiling = ceilingOf(Math.max(0, ...totals));
  const place = columns.length === 0 ? width : width / columns.length;
  const bars = columns.map((column, index) => {
    let top = height;
    const segments = names.map((name) => {
      const value = column[name] ?? 0;
      const tall = (value / ceiling) * height;
      top -= tall;
      return { name, value, y: top, height: tall };
    });
    return { x: index * place + (place * gap) / 2, width: place * (1 - gap), segments };
  });
  return { bars, ceiling };
}
