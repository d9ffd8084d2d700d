//! Any bytes, in words.

use alloc::string::ToString;
use std::vec::Vec;

use super::input::Input;
use crate::decode::{Direction, Group, Head, Trouble, Value, Visitor, Words, decode};
use crate::wire::Version;

/// Any bytes can be decoded: the visitor is told of the header first, of groups that are closed in order, and of
/// nothing more once something was wrong; and the same can be had as text.
///
/// The first byte chooses the direction and the version.
pub fn decode_any(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = input.byte();
    let direction = if choice & 1 == 0 { Direction::Response } else { Direction::Command };
    let major = u16::from(choice >> 2 & 7);
    let version = (choice & 2 == 0).then_some(Version::new(major, u16::from(choice >> 5)));
    let message = input.all();

    let mut order = Order::default();
    decode(message, direction, version, &mut order);
    assert_eq!(order.open, [], "groups that were not left");
    assert_eq!(order.heads, usize::from(message.len() >= 4));
    assert!(order.troubled || message.len() >= 4);
    // Every value has at least a bit of its own.
    assert!(order.values <= 8 * message.len(), "{} values", order.values);

    let mut words = Words::new(message, direction);
    if let Some(version) = version {
        words = words.version(version);
    }
    // Each line is a field, and what is wrong has a line of its own.
    let told = words.to_string().lines().any(|line| line.trim_start().starts_with("! "));
    assert_eq!(told, order.warned, "{words}");
}

/// What a visitor has been told so far.
#[derive(Default)]
struct Order {
    heads: usize,
    values: usize,
    open: Vec<Group>,
    /// Something was wrong.
    warned: bool,
    /// Something was wrong that ends the message.
    troubled: bool,
}

impl Visitor for Order {
    fn head(&mut self, _: &Head) {
        assert_eq!((self.values, self.open.len(), self.warned), (0, 0, false));
        self.heads += 1;
    }

    fn field(&mut self, name: &'static str, _: Value<'_>) {
        assert!(self.heads == 1 && !self.troubled, "{name}");
        self.values += 1;
    }

    fn enter(&mut self, name: &'static str, group: Group) {
        assert!(self.heads == 1 && !self.troubled, "{name}");
        self.open.push(group);
    }

    fn leave(&mut self, group: Group) {
        assert_eq!(self.open.pop(), Some(group));
    }

    fn trouble(&mut self, trouble: Trouble<'_>) {
        assert!(!self.troubled, "{trouble:?}");
        self.warned = true;
        self.troubled = !matches!(trouble, Trouble::NotInVersion { .. });
    }
}
