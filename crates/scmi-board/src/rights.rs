//! What agents may do, in the words of a board file.

use scmi::platform::{Rights, Space};

/// The keys of an agent that list what it sees, and the kind of resource that each lists.
pub(crate) const LISTS: [(&str, Space); 10] = [
    ("power-domains", Space::PowerDomain),
    ("performance-domains", Space::PerfDomain),
    ("clocks", Space::Clock),
    ("sensors", Space::Sensor),
    ("reset-domains", Space::ResetDomain),
    ("voltage-domains", Space::VoltageDomain),
    ("power-caps", Space::PowerCap),
    ("pins", Space::Pin),
    ("pin-groups", Space::PinGroup),
    ("pin-functions", Space::PinFunction),
];

/// The words for everything that can be done, and for nothing.
pub(crate) const ALL: &str = "all";
pub(crate) const READ: &str = "read";

/// The words for what can be done with resources of a space, one by one.
pub(crate) const fn words(space: Space) -> &'static [(&'static str, u32)] {
    match space {
        Space::PowerDomain => &[("state", Rights::STATE)],
        Space::PerfDomain => &[("level", Rights::VALUE), ("limits", Rights::LIMITS)],
        Space::Clock => {
            &[("state", Rights::STATE), ("rate", Rights::VALUE), ("parent", Rights::PARENT)]
        }
        Space::Sensor => &[("config", Rights::STATE), ("trip-points", Rights::LIMITS)],
        Space::ResetDomain => &[("reset", Rights::RESET)],
        Space::VoltageDomain => &[("mode", Rights::STATE), ("level", Rights::VALUE)],
        Space::PowerCap => &[("cap", Rights::VALUE), ("averaging", Rights::LIMITS)],
        Space::Pin | Space::PinGroup => &[("hold", Rights::HOLD)],
        _ => &[],
    }
}

/// Whether resources of a space are on while somebody wants them.
pub(crate) const fn can_be_held(space: Space) -> bool {
    matches!(space, Space::PowerDomain | Space::Clock | Space::VoltageDomain)
}

/// The words that can stand alone, and those that can stand together.
pub(crate) fn single(space: Space) -> Vec<String> {
    [ALL, READ].into_iter().map(str::to_owned).chain(several(space)).collect()
}

/// The words that can stand together.
pub(crate) fn several(space: Space) -> Vec<String> {
    words(space).iter().map(|(word, _)| (*word).to_owned()).collect()
}

/// What an agent may do with a resource of a space, as a board file says it: `all`, `read`, or what it may one by one.
#[must_use]
pub fn rights_in_words(space: Space, rights: Rights) -> String {
    let words = words(space);
    let has: Vec<&str> =
        words.iter().filter(|(_, right)| rights.has(*right)).map(|(word, _)| *word).collect();
    match has.len() {
        0 => READ.into(),
        all if all == words.len() => ALL.into(),
        _ => has.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_space_has_a_key_and_every_right_a_word_somewhere() {
        let listed = Space::ALL.iter().filter(|space| LISTS.iter().any(|(_, of)| of == *space));
        assert_eq!(listed.count(), Space::ALL.len() - 1, "the system is there or not");
        let said = LISTS
            .iter()
            .flat_map(|(_, space)| words(*space))
            .fold(0, |all, (_, right)| all | right);
        assert_eq!(said, Rights::ALL.0);
    }

    #[test]
    fn rights_are_said_as_they_are_written() {
        let of = |rights| rights_in_words(Space::Clock, Rights(rights));
        assert_eq!((of(Rights::ALL.0), of(0)), ("all".into(), "read".into()));
        assert_eq!(of(Rights::STATE | Rights::PARENT), "state, parent");
        assert_eq!(rights_in_words(Space::ResetDomain, Rights(Rights::RESET)), "all");
    }
}
