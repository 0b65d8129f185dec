// SPDX-License-Identifier: MIT
//
// A request and its answer.

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
  :: W.last > 0 && at > W.last -> W.disordered = 1
  :: else
  fi;
#endif
#ifdef STOP_AT_FROM
  below = below && at <= W.from;
#else
  below = below && at < W.from;
#endif
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
     take(event_key[W.place], event_stamp[W.place]);
     W.last = event_stamp[W.place]
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
#define VISIBLE_LIE                                                                \
  (PAGE == 2 && N > 1 && W.last == 0 && FROM_FITS(stamp[0]) &&                     \
   FROM_FITS(stamp[1]) && stamp[0] < stamp[1])
