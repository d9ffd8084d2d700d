//! Whether two values only look different.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use crate::units::{Decimal, nanoseconds, parse_quantity};

/// The units that items have. Those of sensors depend on other keys.
const UNITS: [&str; 3] = ["Hz", "V", "W"];

/// Whether two values of a key mean the same, as far as that can be told without knowing the key.
pub(super) fn same(was: &DeValue<'_>, is: &DeValue<'_>) -> bool {
    match (was, is) {
        (DeValue::String(was), DeValue::String(is)) if was == is => true,
        (DeValue::Boolean(was), DeValue::Boolean(is)) => was == is,
        (DeValue::Array(was), DeValue::Array(is)) => {
            let mut pairs = was.iter().zip(is.iter());
            was.len() == is.len() && pairs.all(|(was, is)| same(was.get_ref(), is.get_ref()))
        }
        (DeValue::Table(was), DeValue::Table(is)) => {
            let there = |(key, was): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
                let is = is.get(key.get_ref().as_ref());
                is.is_some_and(|is| same(was.get_ref(), is.get_ref()))
            };
            was.len() == is.len() && was.iter().all(there)
        }
        _ => {
            let equal = |read: fn(&DeValue<'_>) -> Option<Decimal>| {
                read(was).is_some_and(|was| read(is) == Some(was))
            };
            equal(quantity) || equal(time)
        }
    }
}

/// A number, or a text with one in a unit of which it says how many.
fn quantity(value: &DeValue<'_>) -> Option<Decimal> {
    match value {
        DeValue::Integer(number) => integer(number),
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::String(text) => parse_quantity(text, &UNITS).ok(),
        _ => None,
    }
}

fn time(value: &DeValue<'_>) -> Option<Decimal> {
    let nanos = nanoseconds(value.as_str()?).ok()?;
    Some(Decimal::new(i64::try_from(nanos).ok()?, -9))
}

fn integer(number: &DeInteger<'_>) -> Option<Decimal> {
    match number.radix() {
        10 => number.as_str().parse().ok(),
        radix => {
            let number = i64::from_str_radix(number.as_str(), radix).ok()?;
            Some(Decimal::new(number, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_only_look_different_are_the_same() {
        let same = |was: &'static str, is: &'static str| {
            let (was, is) = (DeValue::parse(was).unwrap(), DeValue::parse(is).unwrap());
            same(was.get_ref(), is.get_ref())
        };
        for (was, is) in [
            ("1", "1"),
            ("0x10", "16"),
            ("1_000", "1e3"),
            ("24e6", "'24 MHz'"),
            ("'850 mV'", "'0.85 V'"),
            ("'1 min'", "'60s'"),
            ("['1 GHz', 2]", "[ '1000 MHz', 2.0 ]"),
            ("{ a = 1, b = '1 s' }", "{ b = '1000 ms', a = 1 }"),
        ] {
            assert!(same(was, is), "{was} {is}");
        }
        for (was, is) in [
            ("1", "2"),
            ("1", "'1'"),
            ("true", "false"),
            ("'a'", "'b'"),
            ("'1 s'", "'1 ms'"),
            ("'1 V'", "'1 mV'"),
            ("[1]", "[1, 1]"),
            ("{ a = 1 }", "{ b = 1 }"),
            ("[1, 2]", "[2, 1]"),
        ] {
            assert!(!same(was, is), "{was} {is}");
        }
    }
}
