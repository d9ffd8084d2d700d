//! What is numbered and named: clocks, domains, pins.

use std::io::Write;

use scmi::agent::CallError;
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::table::Columns;

/// One of several of its kind, with an id and a name.
pub(crate) trait Resource {
    /// What it is, such as `clock`.
    const KIND: &'static str;

    fn id(&self) -> u32;

    fn name(&self) -> &str;

    /// It in messages about it.
    fn called(&self) -> String {
        format!("{} {} ({})", Self::KIND, self.id(), self.name())
    }
}

/// A resource as it is shown.
pub(crate) struct Shown {
    /// For people: what follows id and name in its row.
    pub(crate) cells: Vec<String>,
    /// For programs: what follows id and name in its object.
    pub(crate) fields: Value,
}

/// Loads each of `count`.
pub(crate) fn load<T: Resource>(
    count: u32,
    mut one: impl FnMut(u32) -> Result<T, CallError>,
) -> Result<Vec<T>, Failure> {
    let each = |id| {
        let what = format!("describing {} {id}", T::KIND);
        one(id).map_err(|error| Failure::call(what, &error))
    };
    (0..count).map(each).collect()
}

/// Those that are named by id or name; all of them where none is.
pub(crate) fn select<'e, T: Resource>(
    entries: &'e [T],
    wanted: &[String],
) -> Result<Vec<&'e T>, Failure> {
    if wanted.is_empty() {
        return Ok(entries.iter().collect());
    }
    wanted.iter().map(|wanted| find(entries, wanted)).collect()
}

/// The one with this name or, where none is called so, with this id.
pub(crate) fn find<'e, T: Resource>(entries: &'e [T], wanted: &str) -> Result<&'e T, Failure> {
    let named = entries.iter().find(|entry| entry.name() == wanted);
    let by_id = || {
        let id: u32 = wanted.parse().ok()?;
        entries.iter().find(|entry| entry.id() == id)
    };
    named.or_else(by_id).ok_or_else(|| {
        let alike = entries.iter().map(Resource::name).max_by(|one, other| {
            let like = |name| strsim::jaro_winkler(wanted, name);
            like(one).total_cmp(&like(other))
        });
        let hint = alike.filter(|name| strsim::jaro_winkler(wanted, name) > 0.8);
        let hint = hint.map_or_else(String::new, |name| format!("; did you mean {name:?}?"));
        let count = entries.len();
        let what = format!("no {} {wanted:?} among the platform's {count}{hint}", T::KIND);
        Failure::new(Kind::Platform, what)
    })
}

/// Shows each of `wanted`, as `one` reads it. One that cannot be read does not keep the others from being shown.
pub(crate) fn report<T: Resource>(
    headings: &[&'static str],
    wanted: &[&T],
    json: bool,
    out: &mut dyn Write,
    mut one: impl FnMut(&T) -> Result<Shown, CallError>,
) -> Result<(), Failure> {
    let outcomes: Vec<_> = wanted.iter().map(|entry| (*entry, one(entry))).collect();
    if json {
        let document: Value =
            outcomes.iter().map(|(entry, shown)| outcome_json(*entry, shown)).collect();
        writeln!(out, "{document}")?;
    } else {
        let all = [&[">ID", "NAME"], headings, &["NOTE"]].concat();
        let mut columns = Columns::new(&all);
        for (entry, shown) in &outcomes {
            let (mut cells, note) = match shown {
                Ok(shown) => (shown.cells.clone(), String::new()),
                Err(error) => (Vec::new(), error.to_string()),
            };
            cells.resize(headings.len(), String::new());
            let head = [entry.id().to_string(), entry.name().to_owned()];
            columns.row(head.into_iter().chain(cells).chain([note]));
        }
        columns.write(out)?;
    }
    out.flush()?;
    let mut failed =
        outcomes.iter().filter_map(|(entry, shown)| Some((entry, shown.as_ref().err()?)));
    let Some((entry, error)) = failed.next() else { return Ok(()) };
    let others = match failed.count() {
        0 => String::new(),
        others => format!(" (and {others} more failed)"),
    };
    Err(Failure::call(format_args!("reading {}{others}", entry.called()), error))
}

fn outcome_json<T: Resource>(entry: &T, shown: &Result<Shown, CallError>) -> Value {
    let mut document = json!({ "id": entry.id(), "name": entry.name() });
    let Some(fields) = document.as_object_mut() else { return document };
    match shown {
        Ok(Shown { fields: Value::Object(more), .. }) => fields.extend(more.clone()),
        Ok(_) => {}
        Err(error) => {
            fields.insert("error".into(), error.to_string().into());
        }
    }
    document
}

/// What a platform need not have: none where it refuses.
pub(crate) fn optional<R>(result: Result<R, CallError>) -> Result<Option<R>, CallError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(CallError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The names of the bits that are set.
pub(crate) fn abilities(
    names: &[(&'static str, u32)],
    has: impl Fn(u32) -> bool,
) -> Vec<&'static str> {
    names.iter().filter(|(_, bits)| has(*bits)).map(|(name, _)| *name).collect()
}

/// As many of a list as are easily read.
pub(crate) fn few<T>(all: &[T], each: impl Fn(&T) -> String) -> String {
    match all {
        [first, .., last] if all.len() > 4 => {
            format!("{} ... {} ({})", each(first), each(last), all.len())
        }
        few => few.iter().map(each).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi::wire::Status;

    struct Lamp(u32, &'static str);

    impl Resource for Lamp {
        const KIND: &'static str = "lamp";

        fn id(&self) -> u32 {
            self.0
        }

        fn name(&self) -> &str {
            self.1
        }
    }

    const LAMPS: [Lamp; 2] = [Lamp(0, "hall"), Lamp(1, "0")];

    #[test]
    fn a_name_goes_before_an_id() {
        let found = |wanted: &str| find(&LAMPS, wanted).map(|lamp| lamp.0).ok();
        assert_eq!(found("hall"), Some(0));
        assert_eq!(found("0"), Some(1));
        assert_eq!(found("1"), Some(1));
        assert_eq!(found("2"), None);
        let two = select(&LAMPS, &["1".into(), "hall".into()]).map(|lamps| lamps.len());
        assert_eq!(two.ok(), Some(2));
        let hint = find(&LAMPS, "hal").map(|lamp| lamp.0).expect_err("no such lamp");
        assert!(format!("{hint:?}").contains("did you mean \\\"hall\\\"?"), "{hint:?}");
    }

    #[test]
    fn one_that_fails_leaves_the_others_shown() {
        let read = |lamp: &Lamp| match lamp.0 {
            0 => Err(CallError::Refused(Status::DENIED)),
            _ => Ok(Shown { cells: vec!["on".into()], fields: json!({ "on": true }) }),
        };
        let all: Vec<&Lamp> = LAMPS.iter().collect();
        let mut text = Vec::new();
        let failed = report(&["STATE"], &all, false, &mut text, read);
        assert!(format!("{failed:?}").contains("reading lamp 0 (hall)"), "{failed:?}");
        let text = String::from_utf8(text).expect("text");
        assert_eq!(
            text,
            "ID  NAME  STATE  NOTE\n 0  hall         the platform answered DENIED\n 1  0     on\n"
        );
        let mut text = Vec::new();
        let _failed = report(&["STATE"], &all, true, &mut text, read);
        let document: Value = serde_json::from_slice(&text).expect("a document");
        assert_eq!(document[0]["error"], "the platform answered DENIED");
        assert_eq!(document[1]["on"], true);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(few(&[1, 2, 3, 4], ToString::to_string), "1, 2, 3, 4");
        assert_eq!(few(&[1, 2, 3, 4, 5], ToString::to_string), "1 ... 5 (5)");
    }
}
