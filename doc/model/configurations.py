# SPDX-License-Identifier: MIT
"""What the model is run with: the rules as they are, and each one left out."""

from dataclasses import dataclass


def macros(text):
    """Returns what "A B=2" defines."""
    pairs = (word.partition("=") for word in text.split())
    return {name: value for name, _, value in pairs}


@dataclass(frozen=True)
class Safe:
    """The rules for one kind of source: no run may lose a record."""

    name: str
    what: str
    flags: str  # macros of the model
    small: str  # sizes that take a second
    large: str  # sizes with at least LEAST_STATES states
    model: str = "mark.pml"


@dataclass(frozen=True)
class Broken:
    """A safe configuration with a rule left out: it must lose a record."""

    name: str
    rule: str  # that is left out, or the assumption that does not hold
    base: str  # name of the safe configuration
    flags: str  # macros besides those of the base, or instead of them


LEAST_STATES = 10**7

SAFE = [
    Safe(
        "keys",
        "unordered, walked by key",
        "ORDER=KEYS REFUSALS EMPTY_PAGES",
        "N=2 CHANGES=3 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=5 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "keys-late",
        "the same, later and further in the future, and a mark that is exact",
        "ORDER=KEYS REFUSALS EXACT",
        "N=2 CHANGES=3 TICKS=3 LATE=2 FUTURE=2",
        "N=3 CHANGES=5 TICKS=5 LATE=2 FUTURE=2",
    ),
    Safe(
        "ascending",
        "oldest first, by cursor and key or a token",
        "ORDER=ASC REFUSALS",
        "N=2 CHANGES=4 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "descending",
        "newest first, no filter: ends at a page below `from`",
        "ORDER=DESC REFUSALS STOP NO_FILTER",
        "N=2 CHANGES=4 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "descending-lie",
        "the same, but the order may be visibly wrong",
        "ORDER=DESC REFUSALS STOP NO_FILTER LIES PAGE=2",
        "N=3 CHANGES=4 TICKS=3",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "descending-offset",
        "newest first, by offset",
        "ORDER=DESC_OFFSET REFUSALS",
        "N=3 CHANGES=4 TICKS=4",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "descending-number",
        "newest first, by page number; the page size changes",
        "ORDER=DESC_NUMBER REFUSALS",
        "N=2 CHANGES=4 TICKS=3",
        "N=3 CHANGES=6 TICKS=5 LATE=1",
    ),
    Safe(
        "immutable-offset",
        "oldest first, by offset over times of creation",
        "ORDER=ASC_OFFSET REFUSALS IMMUTABLE",
        "N=3 CHANGES=3 TICKS=4 LATE=1",
        "N=5 CHANGES=5 TICKS=5 LATE=1",
    ),
    Safe(
        "feed",
        "a feed of events, newest first: the first of a key wins",
        "ORDER=FEED REFUSALS STOP",
        "N=2 CHANGES=3 TICKS=3",
        "N=2 CHANGES=5 TICKS=4 LATE=1 FUTURE=1",
    ),
    Safe(
        "until",
        "windows in steps, each with an upper bound",
        "ORDER=ASC REFUSALS UNTIL=3",
        "N=2 CHANGES=4 TICKS=4 LATE=1 FUTURE=1",
        "N=3 CHANGES=5 TICKS=7 LATE=1 FUTURE=1",
    ),
    Safe(
        "no-date",
        "no T0: the mark is one complete window behind",
        "ORDER=KEYS REFUSALS NO_DATE",
        "N=2 CHANGES=3 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "no-date-until",
        "no T0, and windows in steps",
        "ORDER=ASC REFUSALS NO_DATE UNTIL=3",
        "N=2 CHANGES=3 TICKS=4 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=6 LATE=1 FUTURE=1",
    ),
    Safe(
        "ids-descending",
        "no T0, ids, newest first: the mark is this window's",
        "ORDER=DESC REFUSALS NO_DATE IMMUTABLE UNIQUE MARK_OF_THIS_WINDOW",
        "N=4 CHANGES=4 TICKS=5 LATE=1",
        "N=5 CHANGES=5 TICKS=7 LATE=2",
    ),
    Safe(
        "ids-ascending",
        "no T0, ids that show up in order, oldest first: the same",
        "ORDER=ASC REFUSALS NO_DATE IMMUTABLE UNIQUE MARK_OF_THIS_WINDOW",
        "N=4 CHANGES=4 TICKS=5",
        "N=5 CHANGES=5 TICKS=9",
    ),
    Safe(
        "settled",
        "asked above the mark once everything up to it is in",
        "ORDER=KEYS REFUSALS SETTLED",
        "N=2 CHANGES=3 TICKS=4 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "early-anchor",
        "T0 is before the first answer by more or less",
        "ORDER=KEYS REFUSALS SKEW=1",
        "N=2 CHANGES=3 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "coarse-filter",
        "the filter's unit is coarser than the stamps'",
        "ORDER=ASC REFUSALS COARSE",
        "N=2 CHANGES=4 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "rows-first",
        "two transactions, rows before checkpoint (one run; not our way)",
        "ORDER=KEYS REFUSALS ROWS_FIRST",
        "N=2 CHANGES=3 TICKS=3 LATE=1 FUTURE=1",
        "N=3 CHANGES=5 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "two-runs",
        "two runs at the same time, each commit fenced",
        "ORDER=KEYS REFUSALS RUNS=2",
        "N=2 CHANGES=3 TICKS=2",
        "N=2 CHANGES=6 TICKS=5 LATE=1",
    ),
    Safe(
        "resets",
        "the user resets the stream while two runs are at work",
        "ORDER=KEYS REFUSALS RUNS=2 RESETS=1",
        "N=2 CHANGES=2 TICKS=2",
        "N=2 CHANGES=5 TICKS=4",
    ),
    Safe(
        "restored",
        "the file is put back to an earlier one between runs",
        "ORDER=KEYS REFUSALS RESTORES",
        "N=2 CHANGES=3 TICKS=2",
        "N=3 CHANGES=6 TICKS=5 LATE=1 FUTURE=1",
    ),
    Safe(
        "guard",
        "an older version is refused; versions only grow",
        "ORDER=ASC REFUSALS GUARD",
        "N=2 CHANGES=4 TICKS=3",
        "N=3 CHANGES=6 TICKS=6",
    ),
    Safe(
        "tokens",
        "delta tokens, deletions, refused positions and states",
        "",
        "N=2 CHANGES=4",
        "N=3 CHANGES=7",
        "tokens.pml",
    ),
    Safe(
        "ties",
        "a tie longer than a page, by offset until two passes agree",
        "",
        "N=3 CHANGES=6",
        "N=4 CHANGES=7",
        "ties.pml",
    ),
]

BROKEN = [
    Broken("no-cap", "the mark counts no cursor beyond T0", "ascending", "NO_CAP"),
    Broken("no-cap-keys", "the mark counts no cursor beyond T0", "keys", "NO_CAP"),
    Broken("clock", "the mark is never a clock", "ascending", "MARK_IS_CLOCK"),
    Broken("per-page", "the mark moves once per window", "keys", "MARK_PER_PAGE"),
    Broken(
        "per-page-offset",
        "the mark moves once per window",
        "descending-offset",
        "MARK_PER_PAGE",
    ),
    Broken(
        "empty-page",
        "an empty page with a next token is no end",
        "keys",
        "EMPTY_IS_END",
    ),
    Broken("page-limit", "a limit on pages is no end", "keys", "PAGE_LIMIT"),
    Broken(
        "new-anchor", "a window that is resumed keeps its T0", "keys", "NEW_ANCHOR"
    ),
    Broken(
        "late-anchor",
        "T0 is that of the window's first answer, not of its last",
        "keys",
        "LATE_ANCHOR",
    ),
    Broken(
        "anchor-ahead",
        "T0 is the `Date` less the time the answer took and a second",
        "keys",
        "ANCHOR_AHEAD",
    ),
    Broken(
        "rounded-up", "`from` is rounded down", "coarse-filter", "ROUND_UP"
    ),
    Broken(
        "stop-at-from",
        "only a page that is wholly below `from` is an end",
        "descending",
        "STOP_AT_FROM",
    ),
    Broken("exclusive", "`from` is inclusive", "keys", "EXCLUSIVE"),
    Broken(
        "short-overlap",
        "the overlap is no less than the lateness",
        "keys-late",
        "OVERLAP=1",
    ),
    Broken(
        "no-overlap",
        "the overlap is no less than the lateness",
        "descending-offset",
        "LATE=1 OVERLAP=0",
    ),
    Broken(
        "forgotten-maximum",
        "a window that is resumed keeps its running maximum (else the mark "
        "lags; no record is lost)",
        "keys-late",
        "FORGET_MAXIMUM",
    ),
    Broken(
        "kept-maximum",
        "a window that begins anew forgets its running maximum (else the mark "
        "is beyond its T0; no record is lost)",
        "early-anchor",
        "KEEP_MAXIMUM",
    ),
    Broken(
        "checkpoint-first",
        "rows and checkpoint are committed in one transaction",
        "keys",
        "CHECKPOINT_FIRST",
    ),
    Broken(
        "commit-error",
        "after a commit that failed the checkpoint is read again",
        "keys",
        "IGNORE_COMMIT_ERROR",
    ),
    Broken(
        "ties",
        "a page begins behind the last record, not behind its cursor",
        "ascending",
        "SKIP_TIES",
    ),
    Broken(
        "ascending-offset",
        "offsets are for newest first, or what never changes",
        "descending-offset",
        "ORDER=ASC_OFFSET",
    ),
    Broken(
        "mutable-offset",
        "a sort that is `immutable` never changes",
        "immutable-offset",
        "IMMUTABLE=no CHANGES=4",
    ),
    Broken(
        "until-offset",
        "offsets have no `until`",
        "descending-offset",
        "UNTIL=2",
    ),
    Broken(
        "until-uncapped", "`until` is not beyond T0", "until", "UNTIL_UNCAPPED"
    ),
    Broken(
        "order-check",
        "a page below `from` is an end only if the order has held",
        "descending-lie",
        "NO_ORDER_CHECK",
    ),
    Broken(
        "page-size",
        "a position belongs to its page size",
        "descending-number",
        "KEEP_POSITION",
    ),
    Broken(
        "last-wins",
        "in a feed read newest first, the first of a key wins",
        "feed",
        "LAST_WINS",
    ),
    Broken(
        "kept-keys",
        "a window that begins anew forgets the keys it has seen",
        "feed",
        "KEEP_SEEN",
    ),
    Broken(
        "no-date-ahead",
        "without a T0 the mark is one complete window behind",
        "no-date",
        "MARK_OF_THIS_WINDOW",
    ),
    Broken(
        "no-date-future",
        "without a T0 timestamps beyond our own clock do not count",
        "no-date",
        "NO_CAP",
    ),
    Broken(
        "ids-unordered",
        "ids without a T0 are read in their order",
        "ids-ascending",
        "ORDER=KEYS",
    ),
    Broken(
        "ids-late",
        "ids without a T0, read oldest first, show up in their order",
        "ids-ascending",
        "LATE=2",
    ),
    Broken(
        "settled-too-soon",
        "settled: T0 is more than the overlap after the mark, not as much",
        "settled",
        "SETTLED_TOO_SOON",
    ),
    Broken("no-fence", "a run commits only on its own checkpoint", "two-runs", "NO_FENCE"),
    Broken(
        "no-fence-rows",
        "a run commits only on its own checkpoint (what becomes of the rows)",
        "two-runs",
        "NO_FENCE ROWS_ONLY",
    ),
    Broken(
        "no-generation",
        "a reset raises the generation",
        "resets",
        "NO_GENERATION ROWS_ONLY",
    ),
    Broken(
        "kept-mark", "each run reads the mark from the file", "restored", "REUSE_MARK"
    ),
    Broken(
        "guard-late",
        "a guard is for versions that only grow, not for timestamps",
        "guard",
        "LATE=1",
    ),
    Broken(
        "token-now",
        "a position that is refused leads back to the last complete state",
        "tokens",
        "RESTART_NOW",
    ),
    Broken(
        "token-at-once",
        "the next state is stored when its window is complete",
        "tokens",
        "STATE_AT_ONCE",
    ),
    Broken(
        "token-last",
        "the feed is asked for its token before the full list is read",
        "tokens",
        "TOKEN_LAST",
    ),
    Broken(
        "no-resync", "a state that is refused needs the full list", "tokens", "NO_RESYNC"
    ),
    Broken(
        "no-sweep",
        "what the full list no longer has is deleted",
        "tokens",
        "NO_SWEEP",
    ),
    Broken(
        "forgotten-keys",
        "the keys that a full list has brought are stored with the position",
        "tokens",
        "FORGET_SEEN",
    ),
    Broken(
        "token-page-limit", "a limit on pages is no end", "tokens", "PAGE_LIMIT"
    ),
    Broken("one-pass", "a tie is read until two passes agree", "ties", "PASSES=1"),
    Broken(
        "agree-by-key",
        "two passes agree if they bring the same versions, not keys",
        "ties",
        "AGREE_BY_KEY",
    ),
    Broken(
        "repeats",
        "a pass that brings a record twice does not count",
        "ties",
        "REPEATS",
    ),
]
