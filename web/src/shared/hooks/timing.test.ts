import { act, renderHook } from "@testing-library/react";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useDebounce } from "./useDebounce.ts";
import { useDebouncedCallback } from "./useDebouncedCallback.ts";
import { useThrottle } from "./useThrottle.ts";

/** Any sequence of changes: what changes to, and how long the page is then left alone. */
const steps = fc.array(fc.record({ value: fc.nat(3), thenMs: fc.oneof(fc.nat(120), fc.nat(700)) }), {
  minLength: 1,
  maxLength: 25,
});
const delays = fc.constantFrom(100, 300, 500);

function pass(durationMs: number): void {
  act(() => {
    vi.advanceTimersByTime(durationMs);
  });
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("P19: debounce and throttle", () => {
  it("P19: a debounced value changes exactly when its source has stood still for the delay, and says so until then", () => {
    fc.assert(
      fc.property(steps, delays, (all, delayMs) => {
        const page = renderHook(({ value }) => useDebounce(value, delayMs), { initialProps: { value: 0 } });
        let settled = 0;
        let value = 0;
        let changedAtMs = 0;
        let nowMs = 0;
        for (const step of all) {
          if (step.value !== value) changedAtMs = nowMs;
          value = step.value;
          page.rerender({ value });
          const untilMs = nowMs + step.thenMs;
          for (const atMs of [changedAtMs + delayMs - 1, changedAtMs + delayMs, untilMs]) {
            if (atMs <= nowMs || atMs > untilMs) continue;
            pass(atMs - nowMs);
            nowMs = atMs;
            if (nowMs - changedAtMs >= delayMs) settled = value;
            expect(page.result.current).toEqual({ value: settled, pending: settled !== value });
          }
        }
        page.unmount();
      }),
      { numRuns: 200 },
    );
  });

  it("P19: a debounced callback runs once for each burst, with its last arguments, and is pending until then", () => {
    fc.assert(
      fc.property(steps, delays, (all, delayMs) => {
        const seen: number[] = [];
        const page = renderHook(() =>
          useDebouncedCallback((value: number) => {
            seen.push(value);
          }, delayMs),
        );
        const expected: number[] = [];
        for (const { value, thenMs } of all) {
          act(() => {
            page.result.current.call(value);
          });
          expect(page.result.current.pending).toBe(true);
          pass(thenMs);
          const isQuiet = thenMs >= delayMs;
          if (isQuiet) expected.push(value);
          expect(page.result.current.pending).toBe(!isQuiet);
          expect(seen).toEqual(expected);
        }
        page.unmount();
        pass(2 * delayMs);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("P19: a throttled callback runs at once, at most once in each interval, and never loses the last call", () => {
    fc.assert(
      fc.property(steps, delays, (all, intervalMs) => {
        const runs: { value: number; atMs: number }[] = [];
        const page = renderHook(() =>
          useThrottle((value: number) => {
            runs.push({ value, atMs: Date.now() });
          }, intervalMs),
        );
        for (const { value, thenMs } of all) {
          const isIdle = Date.now() - (runs.at(-1)?.atMs ?? -Infinity) >= intervalMs;
          const before = runs.length;
          page.result.current(value);
          expect(runs.length - before).toBe(isIdle ? 1 : 0);
          pass(thenMs);
        }
        pass(intervalMs);
        expect(runs.at(-1)?.value).toBe(all.at(-1)?.value);
        runs.slice(1).forEach((run, index) => {
          expect(run.atMs - (runs[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(intervalMs);
        });
        page.unmount();
      }),
      { numRuns: 200 },
    );
  });
});

it("runs at once what is due when told to, and drops what was cancelled", () => {
  const seen: string[] = [];
  const page = renderHook(() =>
    useDebouncedCallback((text: string) => {
      seen.push(text);
    }, 500),
  );
  act(() => {
    page.result.current.call("a");
    page.result.current.flush();
    page.result.current.flush();
  });
  expect(seen).toEqual(["a"]);
  act(() => {
    page.result.current.call("b");
    page.result.current.cancel();
  });
  pass(1000);
  expect(seen).toEqual(["a"]);
  expect(page.result.current.pending).toBe(false);
});
