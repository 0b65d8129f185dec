// SPDX-License-Identifier: MIT
//
// A commit, the new mark, and what must hold then.

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
#ifdef COARSE // the filter counts in units of two
#ifdef ROUND_UP
  best = (best + 1) / 2 * 2;
#else
  best = best / 2 * 2;
#endif
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
#ifndef ROWS_ONLY
  if
  :: mark < old ->
     printf("BACK: the mark was %d and is %d\n", old, mark);
     assert(false)
  :: else
  fi;
#ifndef NO_DATE
  if
  :: mark > MAX(old, W.anchor) ->
     printf("BEYOND: the mark is %d, T0 was %d\n", mark, W.anchor);
     assert(false)
  :: else
  fi;
#endif
#endif
  skip
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
#if RUNS == 1 || defined(NO_FENCE)
#define SAME_RUN true
#else
#define SAME_RUN (last_run == me + 1)
#endif
#if RESETS == 0 || defined(NO_FENCE) || defined(NO_GENERATION)
#define SAME_GENERATION true
#else
#define SAME_GENERATION (generation == R.generation)
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
#if (RUNS > 1 || RESETS > 0) && !defined(ROWS_ONLY)
  if
  :: R.outdated ->
     printf("OUTDATED: run %d commits on a checkpoint that has changed\n", me + 1);
     assert(false)
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
  :: SAME_RUN && SAME_GENERATION ->
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
