//! Levels: as the platform numbers them, and as people name them.

use scmi::protocol::perf::agent::LevelInfo;

use super::Entry;
use crate::failure::{Failure, Kind};
use crate::quantity::{self, Quantity};
use crate::resource::{Resource, few};

/// A level as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// By its number.
    Level(u32),
    /// By its frequency, in hertz.
    Hertz(u64),
}

/// Reads a level such as `1200`, or a frequency such as `1.2 GHz`.
pub(super) fn parse(text: &str) -> Result<Wanted, String> {
    match text.parse() {
        Ok(level) => Ok(Wanted::Level(level)),
        Err(_) => quantity::hertz(text).map(Wanted::Hertz),
    }
}

impl Entry {
    /// A level's frequency in kHz, where it is given: by the level itself, or by the sustained one.
    pub(super) fn khz(&self, level: &LevelInfo) -> Option<u64> {
        if let Some((khz, _)) = level.indexed
            && khz != 0
        {
            return Some(khz.into());
        }
        let (khz, sustained) = (self.info.sustained_khz, self.info.sustained_level);
        let scaled = u64::from(khz) * u64::from(level.level);
        scaled.checked_div(sustained.into()).filter(|khz| *khz != 0 && !self.info.indexed())
    }

    /// How commands and notifications name a level.
    pub(crate) fn word(&self, level: &LevelInfo) -> u32 {
        match level.indexed {
            Some((_, index)) if self.info.indexed() => index,
            _ => level.level,
        }
    }

    /// The level that commands and notifications name so.
    pub(crate) fn by_word(&self, word: u32) -> Option<&LevelInfo> {
        self.levels.iter().find(|level| self.word(level) == word)
    }

    /// What a command must say for a level.
    ///
    /// # Errors
    /// The domain has no such level.
    pub(super) fn find(&self, wanted: Wanted) -> Result<u32, Failure> {
        let found = self.levels.iter().find(|level| match wanted {
            Wanted::Level(number) => level.level == number,
            Wanted::Hertz(hertz) => self.khz(level).is_some_and(|khz| khz * 1000 == hertz),
        });
        found.map(|level| self.word(level)).ok_or_else(|| {
            let wanted = match wanted {
                Wanted::Level(level) => format!("level {level}"),
                Wanted::Hertz(hertz) => format!("level of {}", Quantity::HERTZ.show(hertz)),
            };
            let all = few(&self.levels, |level| self.show(level));
            let what = format!("{} has no {wanted}; it has {all}", self.called());
            Failure::new(Kind::Platform, what)
        })
    }

    /// A level with its frequency.
    pub(crate) fn show(&self, level: &LevelInfo) -> String {
        match self.khz(level) {
            Some(khz) => format!("{} ({})", level.level, Quantity::KILOHERTZ.show(khz)),
            None => level.level.to_string(),
        }
    }

    /// The level that is named so in an answer or a notification; only the number where the list does not have it.
    pub(super) fn show_word(&self, word: u32) -> String {
        match self.by_word(word) {
            Some(level) => self.show(level),
            None if self.info.indexed() => format!("index {word}"),
            None => word.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi::protocol::perf::agent::Info;
    use scmi::protocol::perf::wire::DomainFlags;
    use scmi::wire::ShortName;

    fn entry(flags: u32, levels: &[(u32, Option<(u32, u32)>)]) -> Entry {
        let info = Info {
            id: 0,
            name: ShortName::new("cpu"),
            flags: DomainFlags(flags),
            rate_limit_us: 0,
            sustained_khz: 1_200_000,
            sustained_level: 1200,
        };
        let level = |(level, indexed): &(u32, Option<(u32, u32)>)| LevelInfo {
            level: *level,
            power_cost: None,
            latency_us: 0,
            indexed: *indexed,
        };
        let levels = levels.iter().map(level).collect();
        Entry { name: "cpu".into(), info, levels, power: Quantity::ABSTRACT }
    }

    #[test]
    fn a_number_is_a_level_and_a_unit_makes_a_frequency() {
        assert_eq!(parse("1200"), Ok(Wanted::Level(1200)));
        assert_eq!(parse("1.2GHz"), Ok(Wanted::Hertz(1_200_000_000)));
        assert!(parse("fast").is_err_and(|text| text.contains("no number")));
    }

    #[test]
    fn without_indexes_the_sustained_level_gives_the_frequency() {
        let entry = entry(0, &[(600, None), (1200, None)]);
        assert_eq!(entry.find(Wanted::Hertz(600_000_000)).ok(), Some(600));
        assert_eq!(entry.show_word(600), "600 (600 MHz)");
        assert_eq!(entry.show_word(7), "7");
        assert_eq!(entry.find(Wanted::Level(601)).ok(), None);
    }

    #[test]
    fn with_indexes_commands_name_those() {
        let levels = [(10, Some((600_000, 3))), (20, Some((900_000, 5)))];
        let entry = entry(DomainFlags::LEVEL_INDEXING, &levels);
        assert_eq!(entry.find(Wanted::Level(20)).ok(), Some(5));
        assert_eq!(entry.find(Wanted::Hertz(600_000_000)).ok(), Some(3));
        assert_eq!(entry.show_word(5), "20 (900 MHz)");
        assert_eq!(entry.show_word(20), "index 20");
    }
}
