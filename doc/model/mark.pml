// SPDX-License-Identifier: MIT
//
// The rules of the high-water mark against every source that keeps to its
// assumptions: doc/model/README.md. `run.py` sets the macros.

#ifndef N
#define N 2 // records, at most five: A to E
#endif
#ifndef CHANGES
#define CHANGES 4 // how often a record is created or changed, all together
#endif
#ifndef TICKS
#define TICKS 4 // the clock stops here
#endif
#ifndef LATE
#define LATE 0 // a change shows up at most so long after its stamp
#endif
#ifndef OVERLAP
#define OVERLAP LATE
#endif
#ifndef FUTURE
#define FUTURE 0 // stamps lie at most so far in the future
#endif
#ifndef SKEW
#define SKEW 0 // T0 is at most so long before the first answer
#endif
#ifndef PAGE
#define PAGE 1 // records on a page
#endif
#ifndef RUNS
#define RUNS 1 // how many runs there are at the same time
#endif
#ifndef RESETS
#define RESETS 0 // how often a user resets the stream
#endif
#ifndef ORDER
#define ORDER KEYS
#endif

// The kinds of paging.
#define KEYS 1        // unordered: walked by key
#define ASC 2         // by cursor and key, or a token that stands for them
#define DESC 3        // the same, newest first
#define ASC_OFFSET 4  // by offset, oldest first
#define DESC_OFFSET 5 // by offset, newest first
#define DESC_NUMBER 6 // by page number, newest first
#define FEED 7        // newest first: each change is listed for ever

#define OFFSETS (ORDER == ASC_OFFSET || ORDER == DESC_OFFSET)
#define COUNTED (OFFSETS || ORDER == DESC_NUMBER)
#define DESCENDING (ORDER == DESC || ORDER == DESC_OFFSET || ORDER == DESC_NUMBER)

#define BIT(k) (1 << (k))
#define NAME(k) (65 + (k))
#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define MIN(a, b) ((a) < (b) -> (a) : (b))

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

// The source -----------------------------------------------------------------

// A new version of record `key` shows up with the stamp `at`.
inline change(key, at) {
  printf("source: a new version of %c, stamp %d\n", NAME(key), at);
  left--;
  stamp[key] = at;
  rows = rows & ~BIT(key);
  stored.due = stored.due & ~BIT(key);
  for (other : 0 .. RUNS - 1) {
    runs[other].window.due = runs[other].window.due & ~BIT(key);
    runs[other].fresh = runs[other].fresh & ~BIT(key);
  }
#if ORDER == FEED
  event_key[events] = key;
  event_stamp[events] = at;
  events++;
#endif
  tidy()
}

#ifdef IMMUTABLE
#define IS_FREE(key) (stamp[key] == 0)
#else
#define IS_FREE(key) true
#endif
#ifdef UNIQUE // with IMMUTABLE: ids, so no two are the same
#define IS_NEW(at)                                                                 \
  (stamp[0] != at && stamp[1] != at && stamp[2] != at && stamp[3] != at &&         \
   stamp[N - 1] != at)
#else
#define IS_NEW(at) true
#endif
#define MAY_CHANGE(key, at) (left > 0 && IS_FREE(key) && IS_NEW(at))
#define CHANGE_LATE(key, by)                                                       \
  d_step { by <= LATE && now > by && MAY_CHANGE(key, now - by) -> change(key, now - by) }
#define CHANGE_EARLY(key, by)                                                      \
  d_step { by <= FUTURE && MAY_CHANGE(key, now + by) -> change(key, now + by) }
#define CHANGE(key)                                                                \
  :: CHANGE_LATE(key, 0) :: CHANGE_LATE(key, 1) :: CHANGE_LATE(key, 2)             \
  :: CHANGE_EARLY(key, 1) :: CHANGE_EARLY(key, 2)

active proctype source() {
  do
  :: d_step { now < TICKS -> now++; printf("source: the clock says %d\n", now) }
  CHANGE(0)
#if N > 1
  CHANGE(1)
#endif
#if N > 2
  CHANGE(2)
#endif
#if N > 3
  CHANGE(3)
#endif
#if N > 4
  CHANGE(4)
#endif
  od
}

// Reading --------------------------------------------------------------------

#ifdef NO_FILTER
#define FROM_FITS(at) (at > 0)
#else
#define FROM_FITS(at) (at > 0 && at >= W.from)
#endif
#ifdef UNTIL
#define LISTED(key) (FROM_FITS(stamp[key]) && stamp[key] <= W.until)
#else
#define LISTED(key) FROM_FITS(stamp[key])
#endif

#define OLDER(a, b) (stamp[a] < stamp[b] || (stamp[a] == stamp[b] && a < b))
#if ORDER == KEYS
#define BEFORE(a, b) (a < b)
#elif ORDER == ASC || ORDER == ASC_OFFSET
#define BEFORE(a, b) OLDER(a, b)
#elif defined(STOP)
#define BEFORE(a, b) (W.lie -> (a < b) : OLDER(b, a))
#else
#define BEFORE(a, b) OLDER(b, a)
#endif

// Is a record behind the position? `place` is the last key, counted from 1.
#if ORDER == KEYS
#define BEHIND(key) (key >= W.place)
#elif ORDER == ASC && defined(SKIP_TIES)
#define BEHIND(key) (stamp[key] > W.last)
#elif ORDER == ASC
#define BEHIND(key)                                                                \
  (stamp[key] > W.last || (stamp[key] == W.last && key >= W.place))
#elif ORDER == DESC
#define BEHIND_DESC(key)                                                           \
  (W.place == 0 || stamp[key] < W.last ||                                          \
   (stamp[key] == W.last && key + 1 < W.place))
#ifdef STOP
#define BEHIND(key) (W.lie -> (key >= W.place) : BEHIND_DESC(key))
#else
#define BEHIND(key) BEHIND_DESC(key)
#endif
#endif

#if ORDER == DESC_NUMBER
#define ON_PAGE (W.large + 1)
#define SKIPPED (W.place * (W.large + 1) + n)
#else
#define ON_PAGE PAGE
#define SKIPPED W.place
#endif

// Sets `pick` to the next record, N if there is none, and `more` to whether
// another follows.
inline look() {
  pick = N;
  more = 0;
  for (k : 0 .. N - 1) {
#if COUNTED
    rank = 0;
    for (j : 0 .. N - 1) {
      rank = rank + (j != k && LISTED(j) && BEFORE(j, k))
    }
    if
    :: LISTED(k) && rank == SKIPPED -> pick = k
    :: LISTED(k) && rank > SKIPPED -> more = 1
    :: else
    fi
#else
    if
    :: LISTED(k) && BEHIND(k) ->
       if
       :: pick == N -> pick = k
       :: else ->
          more = 1;
          if
          :: BEFORE(k, pick) -> pick = k
          :: else
          fi
       fi
    :: else
    fi
#endif
  }
}

#ifdef NO_CAP
#define LIMIT 255
#elif defined(NO_DATE)
#define LIMIT now
#else
#define LIMIT W.anchor
#endif

// Takes the record with the key and the stamp `at` into the window.
inline take(key, at) {
  printf("run %d: gets %c with stamp %d\n", me + 1, NAME(key), at);
  R.page = R.page | BIT(key);
#if ORDER == FEED
  // Only the newest event of a key is what the source shows.
  R.fresh = R.fresh | BIT(key);
  for (j : 0 .. CHANGES - 1) {
    if
    :: j > W.place && j < events && event_key[j] == key -> R.fresh = R.fresh & ~BIT(key)
    :: else
    fi
  }
#else
  R.fresh = R.fresh | BIT(key);
#endif
#ifdef STOP
  if
  :: W.place > 0 && at > W.last -> W.disordered = 1
  :: else
  fi;
#endif
  below = below && at < W.from;
  if
  :: at <= LIMIT ->
     W.maximum = MAX(W.maximum, at);
#ifdef EXACT
     W.largest = MAX(W.largest, at)
#else
     skip
#endif
  :: else
  fi
}

// Moves the position behind the record.
inline pass(key) {
#if ORDER == ASC || ORDER == DESC || defined(STOP)
  W.last = stamp[key];
#endif
#if OFFSETS
  W.place++;
#elif ORDER == DESC_NUMBER
  skip // counted for the whole page
#else
  W.place = key + 1;
#endif
}

// The first answer's `Date` is the window's T0.
inline anchor_window(early) {
  if
  :: !W.anchored ->
     W.anchored = 1;
#ifndef NO_DATE
#ifdef ANCHOR_AHEAD
     W.anchor = now + 1;
#else
     W.anchor = now - early;
#endif
     printf("run %d: T0 is %d\n", me + 1, W.anchor);
#endif
#ifdef UNTIL
     W.until = W.from + UNTIL;
#if !defined(UNTIL_UNCAPPED) && !defined(NO_DATE)
     W.until = MIN(W.until, W.anchor);
#endif
     printf("run %d: reads until %d\n", me + 1, W.until);
#endif
     W.due = 0;
     for (k : 0 .. N - 1) {
#ifdef UNTIL
       W.due = W.due | (stamp[k] > 0 && stamp[k] <= W.until -> BIT(k) : 0);
#else
       W.due = W.due | (stamp[k] > 0 -> BIT(k) : 0);
#endif
     }
#if ORDER == FEED
     W.place = events;
#endif
  :: else
  fi
}

// One request and its answer.
inline ask(early, lies) {
  anchor_window(early);
#ifdef LATE_ANCHOR
  W.anchor = now;
  printf("run %d: T0 is %d\n", me + 1, now);
#endif
  below = 1;
#if ORDER == FEED
  if
  :: W.place > 0 ->
     W.place--;
     take(event_key[W.place], event_stamp[W.place])
  :: else -> below = 0
  fi;
  R.end = (W.place == 0);
#else
#ifdef STOP
  W.lie = (W.place == 0 -> lies : W.lie);
#endif
  more = 0;
  for (n : 0 .. ON_PAGE - 1) {
    look();
    if
    :: pick < N ->
       take(pick, stamp[pick]);
       pass(pick)
    :: else
    fi
  }
#if ORDER == DESC_NUMBER
  W.place++;
#endif
  below = below && R.page != 0;
  R.end = !more;
#endif
#ifdef STOP
#ifdef NO_ORDER_CHECK
  if
  :: below -> R.end = 1; printf("run %d: all of the page is below %d\n", me + 1, W.from)
#else
  if
  :: below && !W.disordered ->
     R.end = 1;
     printf("run %d: all of the page is below %d\n", me + 1, W.from)
#endif
  :: else
  fi;
#endif
#ifdef PAGE_LIMIT
  R.end = 1;
#endif
  if
  :: R.end -> printf("run %d: that was the last page\n", me + 1)
  :: else
  fi;
  R.does = holds;
}

// A source that lies about its order shows it on its first page.
#define VISIBLE_LIE (PAGE == 2 && N > 1 && W.place == 0 && W.last == 0 &&          \
   FROM_FITS(stamp[0]) && FROM_FITS(stamp[1]) && stamp[0] < stamp[1])

// Committing -----------------------------------------------------------------

inline write_rows() {
#if ORDER == FEED
  if
#ifndef LAST_WINS
  :: (W.seen & R.page) != 0 -> printf("run %d: has that key already\n", me + 1)
#endif
  :: else -> rows = (rows & ~R.page) | R.fresh
  fi;
  W.seen = W.seen | R.page;
#elif defined(GUARD)
  for (k : 0 .. N - 1) {
    if
    :: (R.page & BIT(k)) && W.last >= row_stamp[k] ->
       rows = (rows & ~BIT(k)) | (R.fresh & BIT(k));
       row_stamp[k] = W.last
    :: (R.page & BIT(k)) && W.last < row_stamp[k] ->
       printf("run %d: refuses %c, its row has stamp %d\n", me + 1, NAME(k), row_stamp[k])
    :: else
    fi
  }
#else
  rows = (rows & ~R.page) | R.fresh;
#endif
}

// Sets `best` to where the window after the mark `after` begins.
inline next_lower_bound(after) {
  best = (after > OVERLAP -> after - OVERLAP : 0);
#ifdef SETTLED
  best = (settled && after > 0 -> after + 1 : best);
#endif
#ifdef EXCLUSIVE
  best = (after > 0 -> best + 1 : 0);
#endif
}

// What must hold when a window is complete: what it owed is in the file, and
// what is not in the file is not below the next lower bound. Over a list that
// moves an offset owes only the second: the next window reads what slipped.
inline check_rows() {
  next_lower_bound(mark);
  for (k : 0 .. N - 1) {
    if
#if !COUNTED
    :: !(rows & BIT(k)) && (W.due & BIT(k)) ->
       printf("LOST: %c with stamp %d is not in the file, the mark is %d\n",
              NAME(k), stamp[k], mark);
       assert(false)
#endif
#ifndef ROWS_ONLY
    :: !(rows & BIT(k)) && stamp[k] > 0 && stamp[k] < best ->
       printf("PASSED: %c with stamp %d is not in the file, the next window is from %d\n",
              NAME(k), stamp[k], best);
       assert(false)
#endif
    :: else
    fi
  }
}

inline check_mark() {
#ifdef EXACT
  if
  :: mark != MAX(old, W.largest) ->
     printf("BEHIND: the mark is %d, the largest cursor was %d\n", mark, W.largest);
     assert(false)
  :: else
  fi;
#endif
  if
  :: mark < old ->
     printf("BACK: the mark was %d and is %d\n", old, mark);
     assert(false)
  :: else
  fi;
#if !defined(NO_DATE)
  if
  :: mark > MAX(old, W.anchor) ->
     printf("BEYOND: the mark is %d, T0 was %d\n", mark, W.anchor);
#ifndef ROWS_ONLY
     assert(false)
#endif
  :: else
  fi
#endif
}

// The new mark.
inline close_window() {
  old = mark;
#if defined(UNTIL) && defined(NO_DATE)
  best = MIN(W.until, complete_maximum);
#elif defined(UNTIL)
  best = W.until;
#elif defined(MARK_IS_CLOCK)
  best = now;
#elif defined(NO_DATE) && !defined(MARK_OF_THIS_WINDOW)
  best = MIN(W.maximum, complete_maximum);
#else
  best = W.maximum;
#endif
#ifdef NO_DATE
  complete_maximum = (W.maximum -> W.maximum : complete_maximum);
#endif
  mark = MAX(R.mark, best);
#ifdef SETTLED
#ifdef SETTLED_TOO_SOON
  settled = (W.anchor >= mark + OVERLAP);
#else
  settled = (W.anchor > mark + OVERLAP);
#endif
#endif
  printf("run %d: the window is complete, the mark is %d\n", me + 1, mark);
#ifdef REUSE_MARK
  R.kept = mark;
#endif
  check_mark();
  drop_window(stored);
}

inline write_checkpoint() {
  if
  :: R.end -> close_window()
#ifdef MARK_PER_PAGE
  :: else ->
     // The mark is the position: a killed run begins at it.
     mark = MAX(mark, W.maximum);
     printf("run %d: the mark is %d\n", me + 1, mark)
#else
  :: else -> copy_window(stored, W)
#endif
  fi
}

// Is the checkpoint still the run's own?
#if defined(NO_FENCE) || (RUNS == 1 && RESETS == 0)
#define OWN true
#elif RESETS == 0
#define OWN (last_run == me + 1)
#elif RUNS == 1
#ifdef NO_GENERATION
#define OWN true
#else
#define OWN (generation == R.generation)
#endif
#else
#ifdef NO_GENERATION
#define OWN (last_run == me + 1)
#else
#define OWN (last_run == me + 1 && generation == R.generation)
#endif
#endif

inline tell_others() {
#if RUNS > 1 || RESETS > 0
  for (other : 0 .. RUNS - 1) {
    runs[other].outdated = (other != me && runs[other].does != idle -> 1 : runs[other].outdated);
  }
#else
  skip
#endif
}

inline check_fence() {
#if RUNS > 1 || RESETS > 0
  if
  :: R.outdated ->
     printf("OUTDATED: run %d commits on a checkpoint that has changed\n", me + 1);
#ifndef ROWS_ONLY
     assert(false)
#endif
  :: else
  fi
#else
  skip
#endif
}

inline after_commit() {
  tell_others();
  if
  :: R.end ->
     check_rows();
     forget()
  :: else ->
     drop_page();
     R.does = asks
  fi
}

inline commit() {
  if
  :: OWN ->
     check_fence();
     printf("run %d: commits\n", me + 1);
     write_rows();
     write_checkpoint();
     after_commit()
  :: else ->
     printf("run %d: its checkpoint was taken, it gives up\n", me + 1);
     forget()
  fi
}

// Beginning ------------------------------------------------------------------

// Takes the checkpoint, and goes on with the open window or opens one.
inline begin(refused) {
#if RUNS > 1
  last_run = me + 1;
#endif
#if RESETS > 0
  R.generation = generation;
#endif
  R.mark = mark;
#ifdef REUSE_MARK
  R.mark = (R.kept -> R.kept : mark);
#endif
  R.does = asks;
  if
  :: !stored.open ->
     W.open = 1;
     next_lower_bound(R.mark);
     W.from = best;
#if ORDER == DESC_NUMBER
     W.large = large;
#endif
     printf("run %d: opens a window from %d\n", me + 1, W.from)
  :: else ->
     copy_window(W, stored);
     printf("run %d: goes on with the window from %d\n", me + 1, W.from);
#ifdef NEW_ANCHOR
     W.anchor = now;
     printf("run %d: T0 is %d\n", me + 1, now);
#endif
#ifdef FORGET_MAXIMUM
     W.maximum = 0;
#endif
     if
     :: refused ->
        printf("run %d: its position is refused, the window begins anew\n", me + 1);
        begin_anew(W)
     :: else
     fi;
#if ORDER == DESC_NUMBER && !defined(KEEP_POSITION)
     if
     :: W.large != large ->
        printf("run %d: the page size is another, the window begins anew\n", me + 1);
        begin_anew(W)
     :: else
     fi;
#endif
#if ORDER == DESC_NUMBER && defined(KEEP_POSITION)
     W.large = large;
#endif
  fi
}

active [RUNS] proctype sync() {
  do
  :: d_step { R.does == idle -> begin(0); tidy() }
#ifdef REFUSALS
  :: d_step { R.does == idle && stored.open -> begin(1); tidy() }
#endif
  :: d_step { R.does == asks -> ask(0, 0); tidy() }
#if SKEW > 0
  :: d_step { R.does == asks && !W.anchored && now > 1 -> ask(1, 0); tidy() }
#endif
#ifdef LIES
  :: d_step { R.does == asks && VISIBLE_LIE -> ask(0, 1); tidy() }
#endif
#ifdef EMPTY_PAGES
  // An empty page with a next token, which leads to the same place.
  :: d_step {
       R.does == asks ->
       anchor_window(0);
       printf("run %d: gets an empty page, and more to come\n", me + 1);
#ifdef EMPTY_IS_END
       R.end = 1;
#endif
       R.does = holds;
       tidy()
     }
#endif
#ifdef CHECKPOINT_FIRST
  :: d_step {
       R.does == holds ->
       printf("run %d: commits the checkpoint\n", me + 1);
       write_checkpoint();
       R.does = half;
       tidy()
     }
  :: d_step {
       R.does == half ->
       printf("run %d: commits the rows\n", me + 1);
       write_rows();
       after_commit();
       tidy()
     }
#elif defined(ROWS_FIRST)
  :: d_step { R.does == holds -> write_rows(); R.does = half; tidy() }
  :: d_step { R.does == half -> write_checkpoint(); after_commit(); tidy() }
#else
  :: d_step { R.does == holds -> commit(); tidy() }
#endif
#ifdef IGNORE_COMMIT_ERROR
  :: d_step {
       R.does == holds && !R.end ->
       printf("run %d: the commit fails, and it goes on\n", me + 1);
       drop_page();
       R.does = asks
     }
#endif
  :: d_step { R.does != idle -> printf("run %d: is killed\n", me + 1); forget(); tidy() }
  od
}

// What users do --------------------------------------------------------------

#if RESETS > 0
active proctype user() {
  do
  :: d_step {
       generation < RESETS ->
       printf("user: resets the stream, its rows go too\n");
       generation++;
       rows = 0;
       mark = 0;
       drop_window(stored);
       tell_others();
       tidy()
     }
  od
}
#endif

#ifdef RESTORES
active proctype user() {
  do
  :: d_step {
       runs[0].does == idle && mark > 0 ->
       printf("user: restores the file as it was before the first run\n");
       rows = 0;
       mark = 0;
       drop_window(stored)
     }
  od
}
#endif

#if ORDER == DESC_NUMBER
active proctype user() {
  do
  :: d_step {
       !large ->
       printf("user: configures pages of two records\n");
       large = 1
     }
  :: d_step {
       large ->
       printf("user: configures pages of one record\n");
       large = 0
     }
  od
}
#endif
