export { createPost } from './createPost.js';
export { createSender } from './createSender.js';
export type { Made, Post } from './createPost.js';
export type { Sender } from './createSender.js';
