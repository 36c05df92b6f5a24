/** What the page keeps, and why so much: a browser's tab should live with an hour's download as with a minute's. */

/** Messages that can be stepped through. Beyond, the oldest are let go, and the page says so. */
export const ENTRIES_MAX = 200_000;
/** Characters of messages' text that are kept: contexts are read from it when somebody looks. About as many bytes. */
export const TEXT_MAX = 128 * 1024 * 1024;
/** Messages from one checkpoint to the next: stepping to any place takes at most so many steps from a checkpoint. */
export const CHUNK_ENTRIES = 2_000;
/** Actors in the tree; of those beyond, the finished ones are forgotten, oldest first. */
export const ACTORS_MAX = 5_000;
/** Bars of the timeline. */
export const BARS_MAX = 40_000;
/** Decisions, drops and other things said. */
export const WORDS_MAX = 5_000;
/** Messages taken in between two pictures, so that a long recording loads without the page standing still. */
export const ENTRIES_PER_FRAME = 4_000;
