//! What is different in two board files, key by key.

use core::ops::Range;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::same::same;
use crate::report::found;
use crate::schema::{Kind, ROOT, Reload, Table, Why};

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// A key that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The table that it is of, as people call it; empty for the file as a whole.
    pub(super) item: String,
    /// The key in it; empty where the whole item came or went.
    pub(super) key: String,
    /// Where it stands in the later file; of what is gone, where that was part of.
    pub(super) at: Option<usize>,
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
    pub(super) reload: Reload,
}

/// All that is different, in the order of the schema. Both texts are right.
pub(super) fn diff(was: &str, is: &str) -> Vec<Found> {
    let (old, _) = DeTable::parse_recoverable(was);
    let (new, _) = DeTable::parse_recoverable(is);
    let mut walk = Walk { was, is, found: Vec::new() };
    let place = Place { item: String::new(), key: String::new(), span: None };
    let known = Reload::Fixed(Why::Known);
    let (old, new) = (old.get_ref(), new.get_ref());
    for key in ROOT.keys {
        let (old, new) = (old.get(key.name), new.get(key.name));
        if matches!(key.kind, Kind::Array(Kind::Table(_), ..)) {
            walk.list(key.name, items(old), items(new), &key.kind, known.of(key));
        } else {
            let place = match key.kind {
                Kind::Table(_) => Place { item: key.name.to_owned(), ..place.clone() },
                _ => place.within(key.name),
            };
            walk.maybe(&place, old, new, &key.kind, known.of(key));
        }
    }
    walk.found
}

type Item<'t> = Spanned<DeValue<'t>>;

fn items<'a, 't>(list: Option<&'a Item<'t>>) -> &'a [Item<'t>] {
    list.and_then(|list| list.get_ref().as_array()).map_or(&[], |list| list.as_ref())
}

/// Where in the file.
#[derive(Clone)]
struct Place {
    item: String,
    key: String,
    /// Of the table in the later file.
    span: Option<Range<usize>>,
}

impl Place {
    fn within(&self, key: &str) -> Self {
        let dot = if self.key.is_empty() { "" } else { "." };
        Self { key: format!("{}{dot}{key}", self.key), ..self.clone() }
    }

    fn nth(&self, index: usize) -> Self {
        Self { key: format!("{}[{index}]", self.key), ..self.clone() }
    }
}

struct Walk<'w> {
    was: &'w str,
    is: &'w str,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn note(
        &mut self,
        place: &Place,
        was: Option<&Item<'_>>,
        is: Option<&Item<'_>>,
        reload: Reload,
    ) {
        let span = is.map(Spanned::span).or_else(|| place.span.clone());
        self.found.push(Found {
            item: place.item.clone(),
            key: place.key.clone(),
            at: span.map(|span| span.start),
            was: was.map(|value| shown(value, self.was)),
            is: is.map(|value| shown(value, self.is)),
            reload,
        });
    }

    fn maybe(
        &mut self,
        place: &Place,
        was: Option<&Item<'_>>,
        is: Option<&Item<'_>>,
        kind: &'static Kind,
        reload: Reload,
    ) {
        match (was, is) {
            (None, None) => {}
            (Some(old), Some(new)) => self.value(place, old, new, kind, reload),
            _ => self.note(place, was, is, reload),
        }
    }

    fn value(
        &mut self,
        place: &Place,
        was: &Item<'_>,
        is: &Item<'_>,
        kind: &'static Kind,
        reload: Reload,
    ) {
        if same(was.get_ref(), is.get_ref()) {
            return;
        }
        match (was.get_ref(), is.get_ref()) {
            (DeValue::Table(old), DeValue::Table(new)) => {
                let place = Place { span: Some(is.span()), ..place.clone() };
                if matches!(kind, Kind::Settings(_)) {
                    return self.settings(&place, old, new, kind.entry(), reload);
                }
                let before = kind.table(&|key| old.contains_key(key));
                let after = kind.table(&|key| new.contains_key(key));
                match (before, after) {
                    (Some(before), Some(after)) if core::ptr::eq(before, after) => {
                        self.table(&place, old, new, after, reload);
                    }
                    _ => self.note(&place, Some(was), Some(is), reload),
                }
            }
            (DeValue::Array(old), DeValue::Array(new))
                if old.len() == new.len()
                    && old.iter().chain(new.iter()).all(|item| item.get_ref().is_table()) =>
            {
                for (index, (old, new)) in old.iter().zip(new.iter()).enumerate() {
                    self.value(&place.nth(index), old, new, kind.item(), reload);
                }
            }
            _ => self.note(place, Some(was), Some(is), reload),
        }
    }

    fn table(
        &mut self,
        place: &Place,
        was: &DeTable<'_>,
        is: &DeTable<'_>,
        known: &'static Table,
        reload: Reload,
    ) {
        for key in known.keys {
            let (old, new) = (was.get(key.name), is.get(key.name));
            self.maybe(&place.within(key.name), old, new, &key.kind, reload.of(key));
        }
    }

    /// A table with keys of its own.
    fn settings(
        &mut self,
        place: &Place,
        was: &DeTable<'_>,
        is: &DeTable<'_>,
        kind: &'static Kind,
        reload: Reload,
    ) {
        let keys = was.keys().chain(is.keys()).map(|key| key.get_ref().as_ref());
        let keys: std::collections::BTreeSet<&str> = keys.collect();
        for key in keys {
            self.maybe(&place.within(key), was.get(key), is.get(key), kind, reload);
        }
    }

    /// The tables `[[header]]`, each known by its name.
    fn list(
        &mut self,
        header: &'static str,
        was: &[Item<'_>],
        is: &[Item<'_>],
        kind: &'static Kind,
        reload: Reload,
    ) {
        let (old, new) = (names(header, was), names(header, is));
        let place = |name: &str| Place {
            item: format!("{} {name:?}", header.replace('-', " ")),
            key: String::new(),
            span: None,
        };
        let before: BTreeMap<&str, &Item<'_>> = old.iter().map(String::as_str).zip(was).collect();
        let after: BTreeMap<&str, &Item<'_>> = new.iter().map(String::as_str).zip(is).collect();
        for (name, is) in new.iter().zip(is) {
            match before.get(name.as_str()) {
                Some(was) => self.value(&place(name), was, is, kind.item(), reload),
                None => self.note(&place(name), None, Some(is), reload),
            }
        }
        for (name, was) in
            old.iter().zip(was).filter(|(name, _)| !after.contains_key(name.as_str()))
        {
            self.note(&place(name), Some(was), None, reload);
        }
        let stays = |name: &&String| {
            before.contains_key(name.as_str()) && after.contains_key(name.as_str())
        };
        let (old, new) = (old.iter().filter(stays), new.iter().filter(stays));
        if !old.clone().eq(new.clone()) {
            let order = |names: &mut dyn Iterator<Item = &String>| {
                Some(cut(&names.map(String::as_str).collect::<Vec<_>>().join(", ")))
            };
            self.found.push(Found {
                item: String::new(),
                key: format!("order of [[{header}]]"),
                at: is.first().map(|item| item.span().start),
                was: order(&mut old.clone()),
                is: order(&mut new.clone()),
                reload,
            });
        }
    }
}

/// The names of the tables of a list. One without a name is called by its position, as the checker calls it.
fn names(header: &str, items: &[Item<'_>]) -> Vec<String> {
    let name = |(index, item): (usize, &Item<'_>)| {
        let name =
            item.get_ref().as_table().and_then(|table| table.get("name")?.get_ref().as_str());
        name.map_or_else(|| format!("{header} {}", index + 1), str::to_owned)
    };
    items.iter().enumerate().map(name).collect()
}

/// A value as it stands in the file; what is long, in a few words.
fn shown(value: &Item<'_>, text: &str) -> String {
    let written = text.get(value.span()).unwrap_or_default();
    let inline = match value.get_ref() {
        DeValue::Table(_) => written.starts_with('{'),
        DeValue::Array(_) => written.starts_with('['),
        _ => true,
    };
    let of_tables = matches!(value.get_ref(), DeValue::Array(items)
        if items.iter().any(|item| item.get_ref().is_table()));
    if !inline || of_tables && written.contains('\n') || written.starts_with("[[") {
        return found(value.get_ref());
    }
    cut(&written.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("...".chars()).collect()
}
