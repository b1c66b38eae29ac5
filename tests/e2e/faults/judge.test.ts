/** The judge of the delivery table can see what it is there to see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDelivered, judge, type Account } from "./judge.ts";

test("marks that are all there, once, are delivered", () => {
  check({}, { stored: 3, lost: 0, twice: 0 }, true);
});

test("a mark that is nowhere is lost", () => {
  check({ copies: new Map([[1, 1], [3, 1]]) }, { stored: 2, lost: 1 }, false);
});

test("a mark that is there twice is seen, whatever else is missing", () => {
  check({ copies: new Map([[1, 2], [2, 1], [3, 1]]) }, { stored: 3, lost: 0, twice: 1 }, false);
});

test("what was younger than the spool delay at the kill is not counted as lost", () => {
  check({ copies: new Map([[1, 1]]), killedAt: 3_500 }, { lost: 1, young: 1 }, false);
  check({ copies: new Map([[1, 1], [2, 1]]), killedAt: 3_500 }, { lost: 0, young: 1 }, true);
});

test("what a ledger names is not lost in silence", () => {
  check({ copies: new Map([[1, 1]]), named: 2 }, { stored: 1, lost: 0, named: 2 }, true);
  check({ copies: new Map([[1, 1]]), named: 1 }, { stored: 1, lost: 1, named: 1 }, false);
});

/** Changes an account of three marks, made at 1, 2 and 3 s, that is exact. */
function check(change: Partial<Account>, expected: object, isGood: boolean): void {
  const exact = { made: new Map([[1, 1_000], [2, 2_000], [3, 3_000]]), copies: new Map([[1, 1], [2, 1], [3, 1]]) };
  const judgement = judge({ ...exact, spoolDelayMs: 1_000, named: 0, ...change });
  assert.deepEqual({ ...judgement, ...expected }, judgement);
  assert.equal(isDelivered(judgement), isGood);
}
