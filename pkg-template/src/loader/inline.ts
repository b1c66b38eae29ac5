/** The loader as a script by itself: `dist/loader.js`, for the head of a page. */
import { startLoader } from './startLoader.js';

startLoader();
