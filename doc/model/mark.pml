// SPDX-License-Identifier: MIT
//
// The rules of the high-water mark against every source that keeps to its
// assumptions: doc/model/README.md. `run.py` sets the macros.

#include "mark/settings.pml"
#include "mark/state.pml"
#include "mark/source.pml"
#include "mark/reading.pml"
#include "mark/committing.pml"
#include "mark/beginning.pml"

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
  // An empty page with a next token, from which the list goes on.
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
