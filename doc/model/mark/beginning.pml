// SPDX-License-Identifier: MIT
//
// How a run begins.

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
