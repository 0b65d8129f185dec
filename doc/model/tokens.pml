// SPDX-License-Identifier: MIT
//
// A stream whose cursor is a token that the source hands out (a delta link, a
// change feed), deletions included: doc/model/README.md.

#ifndef N
#define N 2 // records, at most four: A to D
#endif
#ifndef CHANGES
#define CHANGES 3 // how often a record is created, changed or deleted
#endif

#define BIT(k) (1 << (k))
#define NAME(k) (65 + (k))
#define ALL (BIT(N) - 1)

// The source. A token stands for a number of changes.
byte changes;
byte last[N];        // the number of the record's last change; 0: none yet
unsigned exists : N; // the records that it lists

mtype = { idle, asks, holds };

// One pass: over what has changed since the token `from`, or over the full list.
typedef Window {
  unsigned open : 1;
  unsigned whole : 1;
  unsigned begun : 1; // the token for the next window is known
  byte from;
  byte next;          // that token
  byte place;         // how many keys lie before the next page
  unsigned seen : N;  // by a full pass
  unsigned due : N;   // what it owes: so when it was begun, so still
}

// The database: which records have a row that is not marked deleted, and a bit
// for each record, set if that is what the source has.
unsigned held : N;
unsigned rows : N = ALL;
bit has_state;
byte state;
Window stored;

// The run's memory.
mtype does = idle;
Window window;
unsigned page : N;
unsigned live : N; // unless the page says that it was deleted
unsigned fresh : N;
bit end;

#ifdef BREADTH
#define hidden
#endif
hidden byte k, pick, more;

// The end of each step: a d_step may not end with a loop.
inline tidy() {
#ifdef BREADTH
  k = 0; pick = 0; more = 0;
#endif
  skip
}

inline copy_window(to, what) {
  to.open = what.open;
  to.whole = what.whole;
  to.begun = what.begun;
  to.from = what.from;
  to.next = what.next;
  to.place = what.place;
  to.seen = what.seen;
  to.due = what.due;
}

inline begin_window(it, all, token) {
  it.open = 1;
  it.whole = all;
  it.begun = 0;
  it.from = (all -> 0 : token);
  it.next = 0;
  it.place = 0;
  it.seen = 0;
  it.due = 0;
}

inline drop_window(it) {
  begin_window(it, 0, 0);
  it.open = 0;
}

inline drop_page() {
  page = 0;
  live = 0;
  fresh = 0;
}

inline forget() {
  does = idle;
  drop_page();
  end = 0;
  drop_window(window);
}

inline change(key) {
  changes++;
  last[key] = changes;
  // What never came and is gone again is not missing.
  rows = ((exists | held) & BIT(key) -> rows & ~BIT(key) : rows | BIT(key));
  stored.due = stored.due & ~BIT(key);
  window.due = window.due & ~BIT(key);
  fresh = fresh & ~BIT(key);
}

#define CHANGE(key)                                                                \
  :: d_step {                                                                      \
       changes < CHANGES ->                                                        \
       printf("source: a new version of %c, change %d\n", NAME(key), changes + 1); \
       exists = exists | BIT(key);                                                 \
       change(key)                                                                 \
     }                                                                             \
  :: d_step {                                                                      \
       changes < CHANGES && (exists & BIT(key)) ->                                 \
       printf("source: %c is deleted, change %d\n", NAME(key), changes + 1);       \
       exists = exists & ~BIT(key);                                                \
       change(key)                                                                 \
     }

active proctype source() {
  do
  CHANGE(0)
  CHANGE(1)
#if N > 2
  CHANGE(2)
#endif
#if N > 3
  CHANGE(3)
#endif
  od
}

inline begin() {
  does = asks;
  if
  :: stored.open ->
     copy_window(window, stored);
#ifdef FORGET_SEEN
     window.seen = 0;
#endif
     printf("run: goes on\n")
  :: !stored.open && has_state ->
     begin_window(window, 0, state);
     printf("run: opens a window from the state %d\n", state)
  :: else ->
     begin_window(window, 1, 0);
     printf("run: opens a window over the full list\n")
  fi
}

inline begin_refused() {
  does = asks;
  printf("run: its position is refused\n");
#ifdef RESTART_NOW
  begin_window(window, stored.whole, changes);
#else
  begin_window(window, stored.whole, state);
#endif
}

// The answer 410: changes since the state are no longer known.
inline refuse_state() {
  printf("run: its state is refused\n");
#ifdef NO_RESYNC
  begin_window(window, 0, changes);
#else
  begin_window(window, 1, 0);
#endif
}

// A change feed says with its first page which token comes after the last; the
// full list is read after its feed was asked for one.
inline begin_reading() {
  window.begun = 1;
  window.next = changes;
  window.due = ALL;
  printf("run: the next state is %d\n", changes);
#ifdef STATE_AT_ONCE
  state = changes;
  has_state = 1;
#endif
}

#define LISTED(key)                                                                \
  (window.whole -> (exists & BIT(key)) != 0 : last[key] > window.from)

inline ask() {
  pick = N;
  more = 0;
  for (k : 0 .. N - 1) {
    if
    :: k >= window.place && LISTED(k) && pick == N -> pick = k
    :: k >= window.place && LISTED(k) && pick < N -> more = 1
    :: else
    fi
  }
  if
  :: pick < N ->
     printf("run: gets %c\n", NAME(pick));
     page = BIT(pick);
     live = page & exists;
     fresh = page;
     window.place = pick + 1;
     window.seen = (window.whole -> window.seen | page : 0)
  :: else
  fi;
  end = !more;
#ifdef PAGE_LIMIT
  end = 1;
#endif
#ifdef TOKEN_LAST
  window.next = changes;
#endif
  does = holds;
}

inline check_rows() {
  for (k : 0 .. N - 1) {
    if
    :: (window.due & BIT(k)) && !(rows & BIT(k)) ->
       printf("LOST: what the source has of %c is not in the file\n", NAME(k));
       assert(false)
    :: else
    fi
  }
}

inline commit() {
  rows = (rows & ~page) | fresh;
  held = (held & ~page) | live;
  rows = rows | (ALL & ~(held | exists));
  if
  :: end ->
#ifndef NO_SWEEP
     for (k : 0 .. N - 1) {
       if
       :: window.whole && !(window.seen & BIT(k)) ->
          held = held & ~BIT(k);
          rows = (exists & BIT(k) -> rows & ~BIT(k) : rows | BIT(k))
       :: else
       fi
     }
#endif
     state = window.next;
     has_state = 1;
     drop_window(stored);
     printf("run: the window is complete, the state is %d\n", state);
     check_rows();
     forget()
  :: else ->
     printf("run: commits\n");
     copy_window(stored, window);
     drop_page();
     does = asks
  fi
}

active proctype sync() {
  do
  :: d_step { does == idle -> begin(); tidy() }
  :: d_step { does == idle && stored.open -> begin_refused(); tidy() }
  :: d_step { does == asks && !window.begun && !window.whole -> refuse_state(); tidy() }
  :: d_step { does == asks && !window.begun -> begin_reading(); tidy() }
  :: d_step { does == asks && window.begun -> ask(); tidy() }
  :: d_step { does == holds -> commit(); tidy() }
  :: d_step { does != idle -> printf("run: is killed\n"); forget(); tidy() }
  od
}
