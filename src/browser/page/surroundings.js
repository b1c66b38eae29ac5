// What is known of the browser without a client: clocks, chance, the URL, what it says of itself.

import { attempt, joined, scope, textOf } from './scope.js';

/**
 * Milliseconds that only go forward; of the wall clock where there is no other. The one thing that may throw: a clock
 * that is broken by an app breaks the instance, for one that jumps to another origin would spoil every time after it.
 */
const clock = attempt(() => scope.performance) ?? Date;
export const elapsed = () => clock.now();
export const wallTime = () => Date.now();
/** 32 random bits. */
export const randomBits = () => {
  const bits = attempt(() => scope.crypto.getRandomValues(new Uint32Array(1))[0]);
  return typeof bits === 'number' ? bits : Math.floor(Math.random() * 2 ** 32);
};
/** The URL of the page; in a worker that of its script. */
export const pageUrl = () => textOf(attempt(() => scope.location.href));
/** A number as text: the shortest form of the browser is the form of JSON. */
export const numberText = (value) => `${value}`;

/** User agent, language, platform, kind of device, viewport; each may be empty. */
export function platform() {
  const said = (name) => textOf(attempt(() => scope.navigator[name])) ?? '';
  const agent = said('userAgent');
  // A word for the dashboard; the server looks closer.
  const device = agent && (/iPad|Tablet/.test(agent) ? 'tablet' : agent.includes('Mobi') ? 'mobile' : 'desktop');
  const size = ['innerWidth', 'innerHeight'].map((name) => attempt(() => scope[name]));
  const viewport = size.every((side) => typeof side === 'number' && side >= 0) ? size.map(Math.trunc).join('x') : '';
  return joined([agent, said('language'), said('platform'), device, viewport]);
}
