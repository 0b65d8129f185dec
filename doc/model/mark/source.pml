// SPDX-License-Identifier: MIT
//
// The source: its clock, and versions of records that show up.

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
