import { RECORD_TYPES } from '../api/types.ts';
import { formatCount } from '../format/numbers.ts';
import { formatMinute } from '../format/times.ts';
import type { Bar } from '../state/series.ts';

/** The chart's numbers as a table, newest minute first, for who cannot or would not read bars. */
export function CountsTable({ bars }: { readonly bars: readonly Bar[] }) {
  const busy = bars.filter((bar) => bar.total > 0).reverse();
  return (
    <details class="as-table">
      <summary>As a table</summary>
      {busy.length === 0 ? <p class="quiet">No records in these minutes.</p> : <Table bars={busy} />}
    </details>
  );
}

function Table({ bars }: { readonly bars: readonly Bar[] }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">minute</th>
            {RECORD_TYPES.map((type) => (
              <th key={type} scope="col">
                {type}
              </th>
            ))}
            <th scope="col">all</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.minute}>
              <th scope="row">{formatMinute(bar.minute)}</th>
              {RECORD_TYPES.map((type) => (
                <td key={type}>{formatCount(bar.byType[type] ?? 0)}</td>
              ))}
              <td>{formatCount(bar.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
