// Times and durations as text, in the reader's time zone.

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});

/** `14:05:09`. */
export function formatClock(millis: number): string {
  return CLOCK.format(millis);
}

/** For lists: `14:05:09` of the given day, `18 Nov 14:05` of another one. */
export function formatMoment(millis: number, today: string): string {
  const day = formatDay(millis);
  return day === today ? formatClock(millis) : `${day} ${formatMinute(millis)}`;
}

/** `14:05`, for an axis. */
export function formatMinute(millis: number): string {
  return MINUTE.format(millis);
}

/** `20 Nov`. */
export function formatDay(millis: number): string {
  return DAY.format(millis);
}

/** With day, milliseconds and zone, for details. */
export function formatFull(millis: number): string {
  return FULL.format(millis);
}

/** What a stopwatch shows: `245 ms`, `1.2 s`, `3 min 4 s`. */
export function formatDuration(millis: number): string {
  if (millis < 1_000) return `${Math.round(millis)} ms`;
  // From here on the next line would say 60.0 s.
  if (millis < 59_950) return `${(millis / 1_000).toFixed(1)} s`;
  return formatSpan(Math.round(millis / 1_000) * 1_000);
}

/** The two largest units: `12 s`, `5 min 3 s`, `3 h 10 min`, `2 d`. */
export function formatSpan(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1_000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return withRest(`${days} d`, hours, 'h');
  if (hours > 0) return withRest(`${hours} h`, minutes, 'min');
  if (minutes > 0) return withRest(`${minutes} min`, seconds % 60, 's');
  return `${seconds} s`;
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest > 0 ? `${whole} ${rest} ${unit}` : whole;
}

/** How long ago, in one unit, so that it does not fidget: `just now`, `12 s ago`, `3 min ago`. */
export function formatAge(millis: number): string {
  const seconds = Math.floor(millis / 1_000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
