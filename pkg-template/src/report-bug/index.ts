/**
 * A button that floats above the page, and a dialog to report a bug in: the custom element `<report-bug>`.
 *
 * ```ts
 * import { defineReportBug } from 'beaconry/report-bug';
 * ```
 */
export { defineReportBug } from './defineReportBug.js';
export type { ReportBugElement } from './defineReportBug.js';
export type { Viewer } from './isHiddenFor.js';
export type { Reporter } from './types.js';
