// Where each piece of the chart stands. Pure: bars and a width in, rectangles out.

import { RECORD_TYPES } from '../api/types.ts';
import type { RecordType } from '../api/types.ts';
import type { Bar } from '../state/series.ts';

export interface Piece {
  readonly type: RecordType;
  readonly y: number;
  readonly height: number;
}

export interface Column {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly pieces: readonly Piece[];
}

export interface Mark {
  readonly value: number;
  readonly y: number;
}

export interface Layout {
  readonly columns: readonly Column[];
  readonly marks: readonly Mark[];
  /** The distance from one column to the next. */
  readonly step: number;
}

export const HEIGHT = 180;
export const TOP = 10;
export const BOTTOM = 22;
export const LEFT = 36;

export function layoutBars(bars: readonly Bar[], width: number): Layout {
  const top = roundUp(Math.max(...bars.map((bar) => bar.total), LOWEST_TOP));
  const plot = HEIGHT - TOP - BOTTOM;
  const step = Math.max(0, width - LEFT) / bars.length;
  const heightOf = (count: number) => (count / top) * plot;
  return {
    step,
    marks: [0, top / 2, top].map((value) => ({ value, y: HEIGHT - BOTTOM - heightOf(value) })),
    columns: bars.map((bar, index) => ({
      bar,
      x: LEFT + index * step + step * (SPACE / 2),
      width: step * (1 - SPACE),
      pieces: stack(bar, heightOf),
    })),
  };
}

/** The next even number of the kind that an axis is marked with, so that its half is whole. */
export function roundUp(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const tops = AXIS_FACTORS.map((factor) => factor * magnitude);
  return tops.find((top) => top >= value && top >= LOWEST_TOP && top % 2 === 0) ?? LOWEST_TOP;
}

function stack(bar: Bar, heightOf: (count: number) => number): readonly Piece[] {
  let y = HEIGHT - BOTTOM;
  return RECORD_TYPES.flatMap((type) => {
    const count = bar.byType[type] ?? 0;
    if (count === 0) return [];
    const height = heightOf(count);
    y -= height;
    return [{ type, y, height }];
  });
}

const LOWEST_TOP = 4;
const AXIS_FACTORS = [1, 2, 3, 4, 5, 6, 8, 10];
/** The part of a step that stays empty between two columns. */
const SPACE = 0.22;
