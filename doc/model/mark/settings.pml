// SPDX-License-Identifier: MIT
//
// What can be set, the kinds of paging, and words for what follows from them.

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
