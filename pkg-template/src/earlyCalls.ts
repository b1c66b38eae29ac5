import type { WasmClient } from './loadWasm.js';
import type { Receipt } from './types.js';

/** A call that makes a record, made before the wasm was there. `at` is when. */
export type EarlyRecord = (at: number) => Receipt;

/** A change of the user, made before the wasm was there. */
export type EarlyChange = () => void;

/** Why a call came to nothing without the wasm; a part of the protocol's list. */
export type EarlyDiscard =
  | 'queue_overflow'
  | 'disabled'
  | 'consent_denied'
  | 'sampled_out'
  | 'before_send'
  | 'filtered'
  | 'rate_limited'
  | 'client_failed';

/** The receipt is 0 for a change of the user, which is no record. */
interface Kept {
  readonly receipt: Receipt;
  readonly at: number;
  readonly call: () => Receipt;
}

export type EarlyCalls = ReturnType<typeof createEarlyCalls>;

/** Keeps calls until they can be made, in order, with their own times; counts those that cannot. */
export function createEarlyCalls() {
  let calls: Kept[] = [];
  let waiting = 0;
  let lastReceipt = 0;
  const places = new Map<Receipt, Receipt>();
  const discarded = new Map<EarlyDiscard, number>();

  function discard(reason: EarlyDiscard, count = 1): void {
    if (count > 0) discarded.set(reason, (discarded.get(reason) ?? 0) + count);
  }

  return {
    /** Keeps a record made `at` that time. Its receipt is negative until it has a place. */
    keep(record: EarlyRecord, at = Date.now()): Receipt {
      if (waiting >= MOST) {
        discard('queue_overflow');
        return 0;
      }
      waiting += 1;
      lastReceipt -= 1;
      calls.push({ receipt: lastReceipt, at, call: () => record(at) });
      return lastReceipt;
    },
    /** Keeps a change of the user, in its place. One that no record saw is replaced by the next. */
    keepChange(change: EarlyChange, at = Date.now()): void {
      if (calls[calls.length - 1]?.receipt === 0) calls.pop();
      calls.push({ receipt: 0, at, call: () => (change(), 0) });
    },
    /** Puts calls into the order of their times, where others were kept elsewhere until now. */
    sort(): void {
      calls.sort((one, other) => one.at - other.at);
    },
    discard,
    /** Gives up the records that are kept, and so many that were kept elsewhere. Who the user is stays known. */
    discardAll(reason: EarlyDiscard, others = 0): void {
      discard(reason, waiting + others);
      calls = calls.filter(isChange).slice(-1);
      waiting = 0;
    },
    /** Makes the calls, as long as that goes; whether none is left. A call that throws costs itself. */
    replay(goes: () => boolean): boolean {
      for (let kept; goes() && (kept = calls.shift()) !== undefined; ) {
        if (!isChange(kept)) waiting -= 1;
        try {
          places.set(kept.receipt, kept.call());
        } catch {
          if (!isChange(kept)) discard('client_failed');
        }
      }
      return calls.length === 0;
    },
    /** Lets the wasm account for what was discarded so far. */
    handOver(client: WasmClient, note: (reason: EarlyDiscard, count: number) => void): void {
      for (const [reason, count] of discarded) {
        client.discarded(reason, count);
        discarded.delete(reason);
        note(reason, count);
      }
    },
    /** The place that a record got; 0 if it got none. */
    placeOf: (receipt: Receipt): Receipt => (receipt < 0 ? (places.get(receipt) ?? 0) : receipt),
    waiting: (): number => waiting,
    discarded: (): Readonly<Record<string, number>> => Object.fromEntries(discarded),
  };
}

function isChange(kept: Kept): boolean {
  return kept.receipt === 0;
}

/** As many as a page makes in its first second, and few enough to hold. */
const MOST = 1_000;
