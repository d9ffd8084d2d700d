//! What an answer says, by the tables.

use scmi::decode::{Direction, Group, Head, Value, Visitor, decode};
use scmi::wire::Version;

/// What was found in a message.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Numbers by their path, such as `attributes.extended_name` or `levels[0].level`.
    numbers: Vec<(String, i128)>,
    /// Names: the bytes before the first NUL.
    pub(super) names: Vec<Vec<u8>>,
    /// Items of the list.
    pub(super) items: usize,
    /// Words that have bits set which have no name.
    pub(super) reserved: Vec<(&'static str, u32)>,
    /// What is not as the tables say.
    pub(super) troubles: Vec<String>,
    path: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Named(&'static str),
    Item(usize),
}

impl Facts {
    /// Of a response or a delayed response.
    pub(super) fn of(bytes: &[u8], version: Version) -> Self {
        let mut facts = Self::default();
        decode(bytes, Direction::Response, Some(version), &mut facts);
        facts
    }

    /// The number at this path.
    pub(super) fn number(&self, path: &str) -> Option<i128> {
        self.numbers.iter().find(|(known, _)| known == path).map(|(_, number)| *number)
    }

    /// The same as an unsigned word, 0 where it is missing.
    pub(super) fn word(&self, path: &str) -> u32 {
        self.number(path).and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
    }

    /// Whether this bit is set.
    pub(super) fn has(&self, path: &str) -> bool {
        self.number(path).is_some_and(|number| number != 0)
    }

    /// The field `name` of every item.
    pub(super) fn each(&self, name: &str) -> Vec<i128> {
        let of_items = |path: &str| path.split_once("].").is_some_and(|(_, field)| field == name);
        self.numbers.iter().filter(|(path, _)| of_items(path)).map(|(_, number)| *number).collect()
    }

    /// The items of a list by themselves, with the fields and the first name of each.
    pub(super) fn split(self) -> Vec<Self> {
        let item = |position: usize| {
            let inside = |path: &str| {
                let (_, rest) = path.split_once(&format!("[{position}]."))?;
                Some(rest.to_owned())
            };
            let numbers =
                self.numbers.iter().filter_map(|(path, number)| Some((inside(path)?, *number)));
            let names = self.names.get(position).cloned();
            Self {
                numbers: numbers.collect(),
                names: names.into_iter().collect(),
                ..Self::default()
            }
        };
        (0..self.items).map(item).collect()
    }

    fn called(&self, name: &str) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Named(name) => text.push_str(name),
                Step::Item(position) => {
                    if text.ends_with('.') {
                        text.pop();
                    }
                    text.push_str(&format!("[{position}]"));
                }
            }
            text.push('.');
        }
        text + name
    }

    fn note(&mut self, name: &str, number: impl Into<i128>) {
        self.numbers.push((self.called(name), number.into()));
    }
}

impl Visitor for Facts {
    fn head(&mut self, _head: &Head) {}

    fn field(&mut self, name: &'static str, value: Value<'_>) {
        match value {
            Value::Hex(word) if name == "reserved" => {
                let of = self.path.iter().rev().find_map(|step| match step {
                    Step::Named(name) => Some(*name),
                    Step::Item(_) => None,
                });
                self.reserved.push((of.unwrap_or(name), word));
            }
            Value::Unsigned(number) => self.note(name, number),
            Value::Signed(number) => self.note(name, number),
            Value::Hex(word) => self.note(name, word),
            Value::Flag(set) => self.note(name, u8::from(set)),
            Value::Version(version) => self.note(name, version.0),
            Value::Named { number, .. } => self.note(name, number),
            Value::Name(bytes) => self.names.push(bytes.to_vec()),
            Value::Protocols(ids) => self.items = ids.len(),
            Value::ShortIds(ids) => self.items = ids.len() / 2,
            _ => {}
        }
    }

    fn enter(&mut self, name: &'static str, group: Group) {
        match group {
            Group::Bits(word) => {
                self.note(name, word);
                self.path.push(Step::Named(name));
            }
            Group::Item(position) => {
                if self.path.iter().all(|step| matches!(step, Step::Named(_))) {
                    self.items = position + 1;
                }
                self.path.push(Step::Item(position));
            }
            _ => self.path.push(Step::Named(name)),
        }
    }

    fn leave(&mut self, _group: Group) {
        self.path.pop();
    }

    fn trouble(&mut self, trouble: scmi::decode::Trouble<'_>) {
        // Which messages there are is another rule.
        if !matches!(trouble, scmi::decode::Trouble::NotInVersion { .. }) {
            self.troubles.push(trouble.to_string());
        }
    }
}
