/** A page with `<report-bug>`, under a policy that forbids inline styles and HTML from text. */
// Before the package, so that nothing of it escapes.
import { watched, type Watched } from "./watch.ts";
import { init, telemetry, type Config, type TelemetryClient } from "beaconry";
import { defineReportBug, type ReportBugElement } from "beaconry/report-bug";

export interface ReportBugOptions {
  /** The page's client; without one the element has its own. */
  readonly config?: Config;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ReportBugWindow {
  readonly telemetry: TelemetryClient;
  readonly element: ReportBugElement;
  readonly watched: Watched;
  /** Every track that the page was given of the screen. */
  readonly tracks: readonly MediaStreamTrack[];
  /** How far the page was shifted so far. */
  readonly shift: { value: number };
}

const { config, attributes = {} } = JSON.parse(decodeURIComponent(location.hash.slice(1))) as ReportBugOptions;
const tracks: MediaStreamTrack[] = [];
const shift = { value: 0 };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) shift.value += (entry as PerformanceEntry & { value: number }).value;
}).observe({ type: "layout-shift", buffered: true });

const capture = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getDisplayMedia = async (options) => {
  const stream = await capture(options);
  tracks.push(...stream.getTracks());
  return stream;
};

if (config !== undefined) await init(config);
defineReportBug(config && telemetry);
const element = document.createElement("report-bug") as ReportBugElement;
for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
document.body.append(element);
Object.assign(globalThis, { bug: { telemetry, element, watched, tracks, shift } satisfies ReportBugWindow });
