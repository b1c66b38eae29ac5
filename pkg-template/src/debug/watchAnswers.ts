/** A request of the client that has come to its end, as the browser timed it. */
export interface SeenAnswer {
  /** Milliseconds since the page began. */
  readonly at: number;
  readonly tookMs: number;
  /** 0 where the browser does not tell, and where there was no answer. */
  readonly status: number;
  /** Bytes of the answer's body; 0 across origins. */
  readonly bytes: number;
}

export interface AnswerWatch {
  last(): readonly SeenAnswer[];
  stop(): void;
}

/** Looks on from outside, through Resource Timing: nothing of the client's own requests is touched. */
export function watchAnswers(endpoint: string): AnswerWatch {
  const seen: SeenAnswer[] = [];
  const url = absolute(endpoint);
  if (typeof PerformanceObserver === 'undefined') return { last: () => seen, stop: () => undefined };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
      if (!entry.name.startsWith(url)) continue;
      const { startTime, duration, responseStatus = 0, decodedBodySize } = entry;
      seen.unshift({ at: startTime, tookMs: duration, status: responseStatus, bytes: decodedBodySize });
    }
    seen.length = Math.min(seen.length, KEPT);
  });
  observer.observe({ type: 'resource', buffered: true });
  return { last: () => seen, stop: () => observer.disconnect() };
}

function absolute(endpoint: string): string {
  try {
    return new URL(endpoint, document.baseURI).href;
  } catch {
    return endpoint;
  }
}

const KEPT = 8;
