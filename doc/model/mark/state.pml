// SPDX-License-Identifier: MIT
//
// The source, the database, and what a run has in memory.

// The source: what it shows now.
byte now = 1;
byte left = CHANGES;
byte stamp[N]; // of the version that is shown; 0: there is none yet
#if ORDER == FEED
byte event_key[CHANGES];
byte event_stamp[CHANGES];
byte events;
#endif

// One pass over what has changed since `from`.
typedef Window {
  unsigned open : 1;
  unsigned anchored : 1; // its first answer has come
  byte from;
  byte anchor; // T0
  byte maximum;
#ifdef EXACT
  byte largest; // as `maximum` should be
#endif
  byte last;           // cursor of the last record read
  byte place;          // behind which key, or how many records, pages or events
  unsigned due : N;    // what it owes: shown when it was anchored, shown still
#ifdef UNTIL
  byte until;
#endif
#ifdef STOP
  unsigned disordered : 1;
  unsigned lie : 1; // the source lists by key, whatever was asked for
#endif
#if ORDER == FEED
  unsigned seen : N; // keys that have come already
#endif
#if ORDER == DESC_NUMBER
  unsigned large : 1; // its position counts pages of two records
#endif
}

// The database: a bit for each record, set if its row is what the source
// shows, and the checkpoint.
unsigned rows : N;
byte mark;
Window stored;
#ifdef NO_DATE
byte complete_maximum; // of the last complete window
#endif
#ifdef SETTLED
bit settled;
#endif
#ifdef GUARD
byte row_stamp[N];
#endif
#if RUNS > 1
byte last_run; // 0: nobody
#endif
#if RESETS > 0
byte generation;
#endif
#if ORDER == DESC_NUMBER
bit large; // configured: pages of two records
#endif

// A run's memory.
mtype = { idle, asks, holds, half };
typedef Run {
  mtype does = idle;
  byte mark;
  Window window;
  unsigned page : N;  // the keys on the page in hand
  unsigned fresh : N; // those of them that the source has not changed since
  unsigned end : 1;   // the source said: nothing more
#ifdef REUSE_MARK
  byte kept; // the mark as the last run left it
#endif
#if RESETS > 0
  byte generation;
#endif
#if RUNS > 1 || RESETS > 0
  unsigned outdated : 1; // somebody else has written the checkpoint since
#endif
}
Run runs[RUNS];

// The processes are the source, then the runs, then the user.
#define me (_pid - 1)

#define R runs[me]
#define W runs[me].window

// Set before they are read in each step, so no part of the state; the search by
// breadth has no such variables.
#ifdef BREADTH
#define hidden
#endif
hidden byte k, j, rank, pick, more, n, old, best, below, other;

// The end of each step: a d_step may not end with a loop.
inline tidy() {
#ifdef BREADTH
  k = 0; j = 0; rank = 0; pick = 0; more = 0; n = 0; old = 0; best = 0; below = 0; other = 0;
#endif
  skip
}

inline copy_window(to, what) {
  to.open = what.open;
  to.anchored = what.anchored;
  to.from = what.from;
  to.anchor = what.anchor;
  to.maximum = what.maximum;
#ifdef EXACT
  to.largest = what.largest;
#endif
  to.last = what.last;
  to.place = what.place;
  to.due = what.due;
#ifdef UNTIL
  to.until = what.until;
#endif
#ifdef STOP
  to.disordered = what.disordered;
  to.lie = what.lie;
#endif
#if ORDER == FEED
  to.seen = what.seen;
#endif
#if ORDER == DESC_NUMBER
  to.large = what.large;
#endif
}

// The same window from its first page.
inline begin_anew(it) {
  it.open = 1;
#ifndef KEEP_MAXIMUM
  it.maximum = 0;
#endif
#ifdef EXACT
  it.largest = 0;
#endif
  it.anchored = 0;
  it.anchor = 0;
  it.last = 0;
  it.place = 0;
  it.due = 0;
#ifdef UNTIL
  it.until = 0;
#endif
#ifdef STOP
  it.disordered = 0;
  it.lie = 0;
#endif
#if ORDER == FEED && !defined(KEEP_SEEN)
  it.seen = 0;
#endif
#if ORDER == DESC_NUMBER
  it.large = large;
#endif
}

inline drop_window(it) {
  begin_anew(it);
  it.open = 0;
  it.from = 0;
  it.maximum = 0;
#if ORDER == FEED
  it.seen = 0;
#endif
#if ORDER == DESC_NUMBER
  it.large = 0;
#endif
}

inline drop_page() {
  R.page = 0;
  R.fresh = 0;
  R.end = 0;
}

inline forget() {
  R.does = idle;
  R.mark = 0;
  drop_page();
  drop_window(W);
#if RESETS > 0
  R.generation = 0;
#endif
#if RUNS > 1 || RESETS > 0
  R.outdated = 0;
#endif
}
