// The chart as plain SVG: thirty bars need no library, and SVG follows the colour scheme by class.

import { formatCount } from '../format/numbers.ts';
import { formatMinute } from '../format/times.ts';
import type { Bar } from '../state/series.ts';
import { BOTTOM, HEIGHT, LEFT, TOP, layoutBars } from './layoutBars.ts';
import { useWidth } from './useWidth.ts';

interface StackedBarsProps {
  readonly bars: readonly Bar[];
  /** The minute that is pointed at. */
  readonly pointed: number | undefined;
  readonly onPoint: (minute: number | undefined) => void;
}

export function StackedBars({ bars, pointed, onPoint }: StackedBarsProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { columns, marks, step } = layoutBars(bars, width);
  return (
    <div class="chart" ref={ref} onPointerLeave={() => onPoint(undefined)}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label="Records by minute; the table below has the numbers">
          {marks.map(({ value, y }) => (
            <g key={value} class="mark-line">
              <line x1={LEFT} x2={width} y1={y} y2={y} />
              <text x={LEFT - 8} y={y + 4} text-anchor="end">
                {formatCount(value)}
              </text>
            </g>
          ))}
          {columns.map(({ bar, x, width: columnWidth, pieces }, index) => (
            <g
              key={bar.minute}
              class="column"
              data-pointed={bar.minute === pointed}
              onPointerEnter={() => onPoint(bar.minute)}
            >
              <rect
                class="column-ground"
                x={LEFT + index * step}
                y={TOP}
                width={step}
                height={HEIGHT - TOP - BOTTOM}
              />
              {pieces.map(({ type, y, height }) => (
                <rect
                  key={type}
                  class={`piece type-${type}`}
                  x={x}
                  y={y}
                  width={columnWidth}
                  height={height}
                />
              ))}
              {isLabelled(bar) && (
                <text x={x + columnWidth / 2} y={HEIGHT - 5} text-anchor="middle">
                  {formatMinute(bar.minute)}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

/** Every fifth minute of the clock. */
function isLabelled(bar: Bar): boolean {
  return (bar.minute / 60_000) % 5 === 0;
}
