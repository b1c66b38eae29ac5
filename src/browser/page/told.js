// The numbers of what happened, here and in `shell.rs`.

export const HIDDEN = 0;
export const PAGE_HIDE = 1;
export const FREEZE = 2;
export const BEFORE_UNLOAD = 3;
export const VISIBLE = 4;
export const BACK_FROM_CACHE = 5;
export const ONLINE = 6;
export const WAKE = 7;
export const ANSWERED = 8;
export const RECOVERED = 9;
export const WIPED = 10;
export const LET_GO = 11;
export const STREAM_LOST = 12;
