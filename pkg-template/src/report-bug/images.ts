/** What has to do with images: a file of its own, so that a page with the button is there before it. */
export { createUploads } from './createUploads.js';
export { canCapture, canName, captureScreen, readImage } from './screenshot.js';
