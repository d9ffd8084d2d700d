//! What can change while agents are there: said of each key, once.
//!
//! A key of which nothing is said is one that agents know by now. What is below a key that can change can change too.

use super::Key;

/// Whether a key can change while agents are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reload {
    /// It can: no agent sees a contradiction.
    Live,
    /// It cannot.
    Fixed(Why),
}

/// Why a key cannot change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Agents were told it when they came, or build on it.
    Known,
    /// It is about the start.
    Start,
    /// It is about what agents see and may do.
    Rights,
    /// It names a socket on which somebody may be served.
    Socket,
}

impl Why {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Known => "agents know it by now",
            Self::Start => "it says how things are at start, which is over",
            Self::Rights => "what an agent sees and may do stays as it was when it came",
            Self::Socket => "its socket is there already",
        }
    }
}

impl Reload {
    /// In words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Live => "live".to_owned(),
            Self::Fixed(why) => format!("fixed: {}", why.words()),
        }
    }

    /// What holds for a key in a place of which this holds.
    pub(crate) const fn of(self, key: &Key) -> Self {
        match self {
            Self::Live => Self::Live,
            Self::Fixed(_) => key.reload,
        }
    }
}

impl Key {
    const fn that(self, reload: Reload) -> Self {
        Self { reload, ..self }
    }

    /// It can change.
    pub(super) const fn live(self) -> Self {
        self.that(Reload::Live)
    }

    /// It cannot: [`Why::Start`].
    pub(super) const fn at_start(self) -> Self {
        self.that(Reload::Fixed(Why::Start))
    }

    /// It cannot: [`Why::Rights`].
    pub(super) const fn rights(self) -> Self {
        self.that(Reload::Fixed(Why::Rights))
    }

    /// It cannot: [`Why::Socket`].
    pub(super) const fn socket(self) -> Self {
        self.that(Reload::Fixed(Why::Socket))
    }
}
