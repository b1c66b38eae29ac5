// What earlier pages left, and what this page leaves to others.

import { joined } from './scope.js';
import { ANY_SPOOL, removeStored, store, stored, storedEntries, storedKeys, without } from './storage.js';
import { LET_GO, RECOVERED, STREAM_LOST } from './told.js';

/** Takes over the streams of an app that no page sends any more; `here` is what is in use of this page. */
export function createRecovery(app, say) {
  const spool = `${ANY_SPOOL}${app}:`;
  const fence = (stream) => `beaconry:fence:${app}:${stream}`;
  const streamOf = (key) => /^([0-9a-f]{32}):\d+$/.exec(key.slice(spool.length))?.[1];
  let own = '';

  function takeFence(stream) {
    const stands = stored(fence(stream)) !== undefined;
    removeStored(fence(stream));
    return stands;
  }

  /** Of both tiers, or of the first only. A chunk found in both is one chunk, as localStorage has it. */
  async function entries(here, isBoth) {
    const journalled = isBoth ? await here.journal.entries(spool) : [];
    const local = storedEntries(spool);
    return [...local, ...without(journalled, local)];
  }

  function loseStream(here) {
    here.journal.forgetPending();
    say(STREAM_LOST);
  }

  /** Holds the lock of the own stream, or begins a new one where another page has it: this page was off. */
  async function keepOwn(here) {
    if ((await here.leases.take(own)) || here.leases.areReleased()) return;
    loseStream(here);
    await here.leases.take(own);
  }

  /** Asks for the locks first and reads then: whoever held a lock may have sent some of it. */
  async function takeOver(here, isBoth) {
    const seen = new Set([own, undefined]);
    const taken = new Set();
    const foreign = [];
    const found = await entries(here, isBoth);
    const ours = new Set(found.map(([key, value]) => value.startsWith(here.head) && streamOf(key)));
    for (const [key] of found) {
      const stream = streamOf(key);
      if (seen.has(stream)) continue;
      seen.add(stream);
      if (!(await here.leases.take(stream))) continue;
      taken.add(stream);
      // What is meant for another endpoint is looked at, for its age, and left to those who may send it.
      ours.has(stream) ? takeFence(stream) : foreign.push(stream);
    }
    if (taken.size === 0) return;
    const left = (await entries(here, isBoth)).filter(([key]) => taken.has(streamOf(key)));
    // The client may have been switched off, or denied, in the meantime.
    if (!here.isOver) say(RECOVERED, joined(left.flat()));
    foreign.forEach(here.leases.leave);
  }

  /** What localStorage has at once, and what only the journal has when that is open. */
  async function adopt(here) {
    do {
      here.isAskedAgain = false;
      await keepOwn(here);
      await takeOver(here, false);
      await takeOver(here, true);
    } while (here.isAskedAgain && !here.leases.areReleased());
  }

  function begin(here) {
    if (here.leases.areReleased()) return;
    here.isAskedAgain = true;
    if (here.isAdopting) return;
    here.isAdopting = true;
    here.work = adopt(here).catch(() => {}).then(() => { here.isAdopting = false; });
  }

  return {
    /** Says which stream is the own one. */
    setOwn(stream) {
      own = stream;
    },
    begin,
    /** The page goes: locks would keep it from coming back. The fence stands if there is anything to take over. */
    suspend(here, isFenced) {
      if (isFenced && here.isLocal) store(fence(own), 'suspended');
      here.leases.release();
    },
    /** The page is back: either its stream is still its own, or it begins a new one. */
    resume(here, hasSpooled) {
      here.leases.resume();
      const stands = takeFence(own);
      say(LET_GO);
      // Without the fence somebody has taken the stream over, unless the app has cleared its storage: then what was
      // in it is only here.
      if (hasSpooled && !stands && storedKeys(spool + own).length > 0) loseStream(here);
      begin(here);
    },
  };
}
