// SPDX-License-Identifier: MIT
//
// A tie that is longer than a page, read by offset while records leave it and
// come to it: doc/model/README.md.

#ifndef N
#define N 3 // records, at most five: A to E
#endif
#ifndef CHANGES
#define CHANGES 4 // how often a record comes to the tie or leaves it
#endif
#ifndef PASSES
#define PASSES 2 // which have to agree
#endif

#define BIT(k) (1 << (k))
#define NAME(k) (65 + (k))

// The source: the records that have the one stamp, each as it is or changed since.
byte changes;
byte version[N]; // 0: it has another stamp

mtype = { idle, asks, holds };

// The run; of a tie no position is stored, a killed run reads it from the start.
mtype does = idle;
byte offset;
byte passes; // complete ones
bit twice; // this pass has brought a record again
byte before[N]; // the versions that the last pass brought, 0: none
byte now[N];
byte page;    // the record on the page in hand, counted from 1
byte content; // its version
bit end;

// In the database, set if the row is what the source has; and what the reading
// owes: there when it began, and unchanged since.
unsigned rows : N;
unsigned due : N;

#ifdef BREADTH
#define hidden
#endif
hidden byte k, rank, pick, agree;

// The end of each step: a d_step may not end with a loop.
inline tidy() {
#ifdef BREADTH
  k = 0; rank = 0; pick = 0; agree = 0;
#endif
  skip
}

inline forget() {
  does = idle;
  offset = 0;
  passes = 0;
  twice = 0;
  page = 0;
  content = 0;
  end = 0;
  due = 0;
  for (k : 0 .. N - 1) {
    before[k] = 0;
    now[k] = 0
  }
}

#define CHANGE(key)                                                                \
  :: d_step {                                                                      \
       changes < CHANGES ->                                                        \
       changes++;                                                                  \
       printf("source: version %d of %c has the stamp\n", changes, NAME(key));     \
       version[key] = changes;                                                     \
       rows = rows & ~BIT(key);                                                    \
       due = due & ~BIT(key)                                                       \
     }                                                                             \
  :: d_step {                                                                      \
       changes < CHANGES && version[key] > 0 ->                                    \
       changes++;                                                                  \
       printf("source: %c gets another stamp\n", NAME(key));                       \
       version[key] = 0;                                                           \
       rows = rows & ~BIT(key);                                                    \
       due = due & ~BIT(key)                                                       \
     }

active proctype source() {
  do
  CHANGE(0)
  CHANGE(1)
  CHANGE(2)
#if N > 3
  CHANGE(3)
#endif
#if N > 4
  CHANGE(4)
#endif
  od
}

inline begin() {
  does = asks;
  printf("run: begins\n");
  for (k : 0 .. N - 1) {
    due = (version[k] > 0 -> due | BIT(k) : due)
  }
}

inline ask() {
  rank = 0;
  pick = N;
  end = 1;
  for (k : 0 .. N - 1) {
    if
    :: version[k] > 0 ->
       pick = (rank == offset -> k : pick);
       end = (rank > offset -> 0 : end);
       rank++
    :: else
    fi
  }
  if
  :: pick < N ->
     printf("run: gets version %d of %c\n", version[pick], NAME(pick));
     page = pick + 1;
     content = version[pick]
  :: else -> printf("run: gets nothing\n")
  fi;
  does = holds;
}

inline check_rows() {
  for (k : 0 .. N - 1) {
    if
    :: (due & BIT(k)) && !(rows & BIT(k)) ->
       printf("LOST: version %d of %c is not in the file\n", version[k], NAME(k));
       assert(false)
    :: else
    fi
  }
}

#ifdef AGREE_BY_KEY
#define SAME(k) ((before[k] == 0) == (now[k] == 0))
#else
#define SAME(k) (before[k] == now[k])
#endif

inline end_pass() {
  agree = 1;
  for (k : 0 .. N - 1) {
    agree = agree && SAME(k);
    before[k] = now[k];
    now[k] = 0
  }
  // A pass over a list that has visibly moved does not count.
  passes = (twice -> 0 : (passes < 2 -> passes + 1 : 2));
  twice = 0;
  offset = 0;
  if
  :: passes >= PASSES && (agree || PASSES == 1) ->
     printf("run: is done\n");
     check_rows();
     forget()
  :: else ->
     printf("run: reads it again\n");
     does = asks
  fi
}

inline commit() {
  if
  :: page > 0 ->
#ifndef REPEATS
     twice = twice || now[page - 1] > 0;
#endif
     now[page - 1] = content;
     rows = (version[page - 1] == content -> rows | BIT(page - 1)
                                           : rows & ~BIT(page - 1));
     offset++;
     page = 0;
     content = 0
  :: else
  fi;
  if
  :: end ->
     end = 0;
     end_pass()
  :: else -> does = asks
  fi
}

active proctype sync() {
  do
  :: d_step { does == idle -> begin(); tidy() }
  :: d_step { does == asks -> ask(); tidy() }
  :: d_step { does == holds -> commit(); tidy() }
  :: d_step { does != idle -> printf("run: is killed\n"); forget(); tidy() }
  od
}
